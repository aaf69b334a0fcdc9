/** The locale of all numbers and times. The texts around them are English, so two languages must not mix. */
export const LOCALE = "en";

/**
 * A browser may report a language that is not a valid tag, such as "en-US@posix" of a C locale. `Intl` throws for it, and
 * so does a library that uses it, so call this before such a library is loaded.
 */
export function fixLanguage(browser: { readonly language: string }): void {
  try {
    Intl.getCanonicalLocales(browser.language);
  } catch {
    Object.defineProperty(browser, "language", { configurable: true, value: LOCALE });
  }
}
