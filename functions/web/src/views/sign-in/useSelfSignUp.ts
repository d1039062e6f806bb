import { useQuery } from "@tanstack/react-query";
import { session } from "@/session/session";

/** Whether everybody may sign up here, or only an administrator adds people. */
export function useSelfSignUp(): boolean {
  const config = useQuery({ queryKey: ["config"], queryFn: () => session.config(), staleTime: Infinity });
  return config.data?.self_sign_up ?? true;
}
