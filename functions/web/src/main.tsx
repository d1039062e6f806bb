import "@/styles/first.css";
import "@mantine/notifications/styles.css";
import "@/shell/shell.css";
import { setNonce } from "get-nonce";
import { createRoot } from "react-dom/client";
import { App } from "@/App";
import { startMessages } from "@/i18n";
import { NONCE } from "@/nonce";
import { session } from "@/session/session";

// Locks of the scroll bar, which dialogs bring along, put a style sheet into the page.
setNonce(NONCE);

const root = document.getElementById("root");
if (!root) {
  throw new Error("index.html has no element #root");
}
await startMessages();
void session.start();
createRoot(root).render(<App />);
