const KEY = "csv-analyzer.desktop-news";

export type DesktopState = "unsupported" | "denied" | "off" | "on";

/** Whether the desktop may show news: wanted by a switch, and allowed by the browser. */
export const desktopNews = {
  state(): DesktopState {
    if (!("Notification" in window)) {
      return "unsupported";
    }
    if (Notification.permission === "denied") {
      return "denied";
    }
    const isWanted = localStorage.getItem(KEY) === "on";
    return isWanted && Notification.permission === "granted" ? "on" : "off";
  },

  async set(isWanted: boolean): Promise<DesktopState> {
    if (isWanted) {
      await Notification.requestPermission();
      localStorage.setItem(KEY, "on");
    } else {
      localStorage.removeItem(KEY);
    }
    return desktopNews.state();
  },

  /** Show it if that is allowed and the tab is not looked at. */
  show(title: string, body: string, tag: string, onOpen: () => void): void {
    if (desktopNews.state() !== "on" || !document.hidden) {
      return;
    }
    try {
      const shown = new Notification(title, { body, tag });
      shown.onclick = () => {
        window.focus();
        shown.close();
        onOpen();
      };
    } catch {
      // Browsers of phones allow it to service workers only; the page itself says it all the same.
    }
  },
};
