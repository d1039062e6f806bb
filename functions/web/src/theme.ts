import { createTheme } from "@mantine/core";
import i18n from "i18next";

export const theme = createTheme({
  primaryColor: "indigo",
  // One shade for both schemes: Mantine reckons the text on a filled button from that of the light one.
  primaryShade: 8,
  autoContrast: true,
  // Up to this luminance white text has a contrast of 4.5 to 1.
  luminanceThreshold: 0.1833,
  defaultRadius: "md",
  cursorType: "pointer",
  headings: { fontWeight: "650" },
  components: {
    // Mantine's dimmed grey misses the contrast that WCAG AA asks for on some grounds; shell.css sets it.
    // As <header> they would be banners beside the one of the page.
    ModalHeader: { defaultProps: { role: "presentation" } },
    DrawerHeader: { defaultProps: { role: "presentation" } },
    Notification: {
      defaultProps: () => ({ closeButtonProps: { "aria-label": i18n.t("common:close") } }),
      styles: { description: { color: "var(--mantine-color-dimmed)" } },
    },
    Loader: { defaultProps: { type: "dots" } },
    Tooltip: { defaultProps: { withArrow: true, events: { hover: true, focus: true, touch: true } } },
  },
});
