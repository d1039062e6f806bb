import { MantineProvider } from "@mantine/core";
import { Notifications } from "@mantine/notifications";
import { QueryClientProvider } from "@tanstack/react-query";
import { Suspense, useState } from "react";
import { RouterProvider } from "react-router";
import { createQueries } from "@/api/queries";
import { NONCE } from "@/nonce";
import { createRouter } from "@/routes";
import { theme } from "@/theme";
import { Waiting } from "@/ui/Waiting";

export function App() {
  const [queries] = useState(createQueries);
  const [router] = useState(() => createRouter(queries));
  return (
    <MantineProvider theme={theme} defaultColorScheme="auto" getStyleNonce={() => NONCE}>
      <QueryClientProvider client={queries}>
        <Notifications position="bottom-right" />
        <Suspense fallback={<Waiting />}>
          <RouterProvider router={router} />
        </Suspense>
      </QueryClientProvider>
    </MantineProvider>
  );
}
