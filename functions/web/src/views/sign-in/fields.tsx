import {
  Group,
  PasswordInput,
  type PasswordInputProps,
  Stack,
  Text,
  TextInput,
  type TextInputProps,
  VisuallyHidden,
} from "@mantine/core";
import { IconCircle, IconCircleCheckFilled } from "@tabler/icons-react";
import { useId } from "react";
import { useTranslation } from "react-i18next";
import { RULES, type Rule } from "@/views/sign-in/password";

export function EmailField(props: TextInputProps) {
  const { t } = useTranslation("signIn");
  return (
    <TextInput
      label={t("email")}
      type="email"
      autoComplete="username"
      autoCapitalize="none"
      spellCheck={false}
      {...props}
    />
  );
}

export function PasswordField(props: PasswordInputProps) {
  const { t } = useTranslation("signIn");
  return (
    <PasswordInput
      label={t("password")}
      autoComplete="current-password"
      visibilityToggleButtonProps={{ "aria-label": t("showPassword"), tabIndex: 0 }}
      {...props}
    />
  );
}

/** A password to be chosen, with the rules that it follows so far. */
export function NewPasswordField({
  email,
  value,
  ...props
}: PasswordInputProps & { email?: string; value: string }) {
  const { t } = useTranslation("signIn");
  const id = useId();
  return (
    <div>
      {/* Password managers keep the new password under this name. */}
      {email !== undefined && (
        <input type="text" name="username" autoComplete="username" value={email} readOnly hidden />
      )}
      <PasswordField
        label={t("newPassword")}
        autoComplete="new-password"
        value={value}
        {...props}
        aria-describedby={id}
      />
      <Stack component="ul" id={id} gap={2} mt="xs" mb={0} p={0} style={{ listStyle: "none" }}>
        {(Object.keys(RULES) as Rule[]).map((rule) => (
          <RuleItem key={rule} rule={rule} isKept={RULES[rule](value)} />
        ))}
      </Stack>
    </div>
  );
}

function RuleItem({ rule, isKept }: { rule: Rule; isKept: boolean }) {
  const { t } = useTranslation("signIn");
  const Icon = isKept ? IconCircleCheckFilled : IconCircle;
  return (
    <li>
      <Group gap={6} wrap="nowrap">
        <Text component="span" c={isKept ? "teal" : "dimmed"} lh={0} aria-hidden>
          <Icon size={14} />
        </Text>
        <Text size="xs" c="dimmed">
          {t(`rules.${rule}`)}
          <VisuallyHidden>{isKept ? t("rules.kept") : t("rules.broken")}</VisuallyHidden>
        </Text>
      </Group>
    </li>
  );
}

export function CodeField(props: TextInputProps) {
  const { t } = useTranslation("signIn");
  return (
    <TextInput
      label={t("code")}
      inputMode="numeric"
      autoComplete="one-time-code"
      autoCapitalize="none"
      spellCheck={false}
      {...props}
    />
  );
}
