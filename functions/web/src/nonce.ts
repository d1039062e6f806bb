/** The nonce of this page's Content-Security-Policy, for style sheets that libraries put in. */
export const NONCE = document.querySelector<HTMLMetaElement>("meta[property=csp-nonce]")?.nonce ?? "";
