import { Alert, Button, Stack } from "@mantine/core";
import { IconAlertTriangle } from "@tabler/icons-react";
import type { ReactNode } from "react";
import type { useStep } from "@/views/sign-in/useStep";

/** The form of a step: its fields, what went wrong with none of them in particular, and its one button. */
export function StepForm({
  step,
  button,
  children,
}: {
  step: Pick<ReturnType<typeof useStep>, "onSubmit" | "alert" | "isBusy">;
  button: string;
  children: ReactNode;
}) {
  return (
    <form onSubmit={step.onSubmit} noValidate>
      <Stack>
        {children}
        {step.alert !== null && (
          <Alert color="red" icon={<IconAlertTriangle />} role="alert">
            {step.alert}
          </Alert>
        )}
        <Button type="submit" fullWidth loading={step.isBusy}>
          {button}
        </Button>
      </Stack>
    </form>
  );
}
