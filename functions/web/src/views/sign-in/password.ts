/** What the user pool asks of a password; `template.yaml` decides, and a test compares. */
export const MINIMUM_LENGTH = 12;

export const RULES = {
  length: (password: string) => password.length >= MINIMUM_LENGTH,
  lowercase: (password: string) => /[a-z]/.test(password),
  uppercase: (password: string) => /[A-Z]/.test(password),
  number: (password: string) => /[0-9]/.test(password),
  symbol: hasSymbol,
} as const;

export type Rule = keyof typeof RULES;

// Source: Amazon Cognito developer guide, "Adding user pool password requirements".
const SYMBOLS = "^$*.[]{}()?\"!@#%&/\\,><':;|_~`=+-";

/** Cognito takes a blank for a symbol, too, unless it stands at an end. */
function hasSymbol(password: string): boolean {
  return [...password].some((character) => SYMBOLS.includes(character)) || /\S \S/.test(password);
}

/** The rules that a password breaks, in the order in which they are shown. */
export function brokenRules(password: string): Rule[] {
  return (Object.keys(RULES) as Rule[]).filter((rule) => !RULES[rule](password));
}
