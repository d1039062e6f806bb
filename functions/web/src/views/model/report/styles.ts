import module from "./report.module.css";

/** Classes of report.module.css, which the compiler can't know to be there. */
export const styles = {
  anchor: module.anchor ?? "",
  scroll: module.scroll ?? "",
  long: module.long ?? "",
  number: module.number ?? "",
  text: module.text ?? "",
  title: module.title ?? "",
  bar: module.bar ?? "",
};
