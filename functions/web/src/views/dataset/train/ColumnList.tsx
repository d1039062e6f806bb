import { Badge, Button, Group, Radio, Stack, Text, TextInput } from "@mantine/core";
import { IconSearch } from "@tabler/icons-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useFormat } from "@/i18n/format";
import type { Candidate } from "@/views/dataset/train/suggestTarget";

const PAGE = 50;

/** All columns to choose from, with their type, and why one is not suited. */
export function ColumnList({
  candidates,
  value,
  onChange,
}: {
  candidates: Candidate[];
  value: string;
  onChange: (name: string) => void;
}) {
  const { t } = useTranslation(["train", "common"]);
  const [query, setQuery] = useState("");
  const [shown, setShown] = useState(PAGE);
  const wanted = query.trim().toLocaleLowerCase();
  const found = candidates.filter(({ column }) => column.name.toLocaleLowerCase().includes(wanted));
  return (
    <Stack gap="xs" mt="xs">
      <TextInput
        type="search"
        value={query}
        onChange={(event) => {
          setQuery(event.currentTarget.value);
          setShown(PAGE);
        }}
        leftSection={<IconSearch size={16} />}
        label={t("target.search")}
        maw={360}
      />
      <Text size="xs" c="dimmed" role="status">
        {found.length === 0 ? t("target.nothingFound") : t("target.found", { count: found.length })}
      </Text>
      <Radio.Group value={value} onChange={onChange} name="target" aria-label={t("target.title")}>
        <Stack gap="sm" mah={420} style={{ overflowY: "auto" }} py={4} px={2}>
          {found.slice(0, shown).map((candidate) => (
            <Choice key={candidate.column.name} candidate={candidate} />
          ))}
          {found.length > shown && (
            <Group>
              <Button variant="light" size="xs" onClick={() => setShown(shown + 4 * PAGE)}>
                {t("target.more", { count: Math.min(4 * PAGE, found.length - shown) })}
              </Button>
            </Group>
          )}
        </Stack>
      </Radio.Group>
    </Stack>
  );
}

function Choice({ candidate }: { candidate: Candidate }) {
  const { t } = useTranslation(["train", "common"]);
  const format = useFormat();
  const { column, refusal, doubts } = candidate;
  const facts = [
    t("target.distinct", { count: column.distinct }),
    ...(column.missing > 0
      ? [t("target.missingShare", { share: format.percent(column.missing_share) })]
      : []),
    ...(refusal ? [t(`refusal.${refusal}`)] : doubts.map((doubt) => t(`doubt.${doubt}`))),
  ];
  return (
    <Radio
      value={column.name}
      disabled={refusal !== null}
      styles={{ labelWrapper: { minWidth: 0 }, label: { overflowWrap: "anywhere" } }}
      label={
        <Group gap="xs" component="span">
          <span>{column.name}</span>
          <Badge size="sm" variant="light" color="gray" tt="none" component="span">
            {t(`common:type.${column.type}`)}
          </Badge>
        </Group>
      }
      description={facts.join(" · ")}
    />
  );
}
