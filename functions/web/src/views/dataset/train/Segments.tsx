import { Input, SegmentedControl } from "@mantine/core";
import { useMediaQuery } from "@mantine/hooks";
import type { ReactNode } from "react";

/** A few answers side by side; one below the other where there is no room. */
export function Segments<Value extends string>({
  label,
  description,
  error,
  data,
  value,
  onChange,
  disabled = false,
}: {
  label: string;
  description?: string;
  error?: ReactNode;
  data: { value: Value; label: string }[];
  value: Value;
  onChange: (value: Value) => void;
  disabled?: boolean;
}) {
  const isNarrow = useMediaQuery("(max-width: 30em)", undefined, { getInitialValueInEffect: false });
  return (
    <Input.Wrapper label={label} labelElement="div" description={description} error={error}>
      <div>
        <SegmentedControl
          mt={4}
          aria-label={label}
          data={data}
          value={value}
          onChange={(chosen) => onChange(chosen as Value)}
          orientation={isNarrow ? "vertical" : "horizontal"}
          fullWidth={isNarrow}
          disabled={disabled}
        />
      </div>
    </Input.Wrapper>
  );
}
