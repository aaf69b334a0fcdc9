/** Of every number and moment: the texts around them are English, and two languages in one sentence help nobody. */
export const LOCALE = "en";

/**
 * A browser may name a language that is no language tag, such as "en-US@posix" of a C locale. `Intl` throws at it, and
 * so does a library that asks it for the language of the browser: this comes before such a library is loaded.
 */
export function mendLanguage(browser: { readonly language: string }): void {
  try {
    Intl.getCanonicalLocales(browser.language);
  } catch {
    Object.defineProperty(browser, "language", { configurable: true, value: LOCALE });
  }
}
