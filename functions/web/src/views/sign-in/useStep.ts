import { useForm } from "@mantine/form";
import { type FormEvent, useEffect, useState } from "react";
import type { Act } from "@/views/sign-in/faults";
import { useRefusal } from "@/views/sign-in/useRefusal";

type Values = { email?: string; password?: string; code?: string };
type Name = keyof Values & string;

/** A form that asks Cognito something: faults stand beside their field, and the first one gets the focus. */
export function useStep<V extends Values>({
  act,
  initialValues,
  validate,
  send,
}: {
  act: Act;
  initialValues: V;
  /** What is wrong with a field in words, or null. */
  validate: { [K in Name & keyof V]-?: (value: string) => string | null };
  send: (values: V) => Promise<void>;
}) {
  const refusal = useRefusal();
  const [alert, setAlert] = useState<string | null>(null);
  const [isBusy, setBusy] = useState(false);
  const form = useForm<Values>({ initialValues });
  const names = Object.keys(initialValues) as Name[];

  const focus = (name: Name) => form.getInputNode(name)?.focus();
  const first = names.find((name) => !initialValues[name]) ?? names[0];

  // biome-ignore lint/correctness/useExhaustiveDependencies: only when the form appears
  useEffect(() => {
    // After the frame, which itself takes the focus when the address changes.
    const timer = setTimeout(() => first && focus(first));
    return () => clearTimeout(timer);
  }, []);

  async function submit() {
    const values = trimmed(form.getValues()) as V;
    const faults = names.flatMap((name) => {
      const text = validate[name](values[name] ?? "");
      return text === null ? [] : [[name, text] as const];
    });
    form.setErrors(Object.fromEntries(faults));
    setAlert(null);
    if (faults[0]) {
      focus(faults[0][0]);
      return;
    }
    setBusy(true);
    try {
      await send(values);
    } catch (error) {
      fail(error);
    } finally {
      setBusy(false);
    }
  }

  /** Show an error of this form, or of what belongs to it. */
  function fail(error: unknown) {
    const { text, field } = refusal(error, act);
    if (field && names.includes(field)) {
      form.setFieldError(field, text);
      setTimeout(() => focus(field));
    } else {
      setAlert(text);
    }
  }

  return {
    input: (name: Name) => ({ ...form.getInputProps(name), name, required: true, withAsterisk: false }),
    value: (name: Name) => form.getValues()[name] ?? "",
    onSubmit: (event: FormEvent) => {
      event.preventDefault();
      if (!isBusy) {
        void submit();
      }
    },
    alert,
    isBusy,
    fail,
  };
}

/** Blanks around an address or a code come with copying; those of a password count. */
function trimmed(values: Values): Values {
  return {
    ...values,
    ...(values.email === undefined ? {} : { email: values.email.trim() }),
    ...(values.code === undefined ? {} : { code: values.code.replace(/\s/g, "") }),
  };
}
