import type { SsoRefusal } from "../../../../worker/contract/sso.ts";

const SENTENCES: Record<SsoRefusal, string> = {
  sso_expired: "The login took longer than ten minutes. Start again.",
  sso_unknown_attempt: "This login was finished already, or was not started in this browser. Start again.",
  sso_code_refused: "This login was used already, or has expired at the provider. Start again.",
  sso_provider_unavailable: "Single sign-on does not answer at the moment. Try again shortly.",
  sso_provider_refused: "The provider refused the login. Try again; if it stays so, ask your administrator.",
  sso_token_expired:
    "The provider's answer had expired when it arrived. Start again; if it stays so, a clock is wrong: ask your administrator.",
  sso_token_invalid:
    "The provider's answer could not be verified, so nobody was logged in. Ask your administrator to look at the log.",
  sso_no_group: "You are in no group that may use this controller. Ask your administrator for access.",
  sso_groups_left_out:
    "You are in so many groups that the provider did not list them. Ask your administrator to send only those of this application.",
  sso_claims_missing:
    "The provider did not say which groups you are in, so you cannot be let in. Ask your administrator to look at its settings.",
  sso_deactivated: "Your account here is deactivated. Ask your administrator.",
  sso_throttled: "Too many failed attempts from your address. Wait a few minutes, then try again.",
  sso_changed_meanwhile: "What you may do has just been changed. Start again.",
  sso_controller_unavailable: "The controller could not finish the login. Try again shortly.",
};

/** What the login page says of a code in its address, which anybody may have written. */
export function ssoSentence(code: unknown): string | null {
  if (typeof code !== "string" || code === "") return null;
  return Object.hasOwn(SENTENCES, code) ? SENTENCES[code as SsoRefusal] : "The login did not work. Start again.";
}
