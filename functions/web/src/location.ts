/** Where the page is mounted, such as `/v1/app/`: the function that serves it enters it as `<base>`. */
export const APP_PATH = new URL(document.baseURI).pathname;

/** Address of the API, without a slash at its end: the page is mounted one level below it. */
export const API_URL = new URL("..", new URL(APP_PATH, window.location.origin)).href.replace(/\/$/, "");
