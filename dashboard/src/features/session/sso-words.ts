import type { SsoRefusal } from "../../../../worker/contract/sso.ts";

const SENTENCES: Record<SsoRefusal, string> = {
  sso_expired: "The login took longer than ten minutes. Try again.",
  sso_unknown_attempt: "This login was already completed, or was started in another browser. Try again.",
  sso_code_refused: "This login was already used, or has expired at the identity provider. Try again.",
  sso_provider_unavailable: "The identity provider is not responding. Try again shortly.",
  sso_provider_refused:
    "The identity provider refused the login. Try again. If the problem persists, contact your administrator.",
  sso_token_expired:
    "The identity provider's response had already expired. Try again. If the problem persists, a server clock is wrong: contact your administrator.",
  sso_token_invalid:
    "The identity provider's response could not be verified, so you were not logged in. Ask your administrator to check the log.",
  sso_no_group: "None of your groups has access to this controller. Ask your administrator for access.",
  sso_groups_left_out:
    "You are in too many groups for the identity provider to list. Ask your administrator to send only the groups of this application.",
  sso_claims_missing:
    "The identity provider did not send your groups, so you could not be logged in. Ask your administrator to check its settings.",
  sso_deactivated: "Your account is deactivated. Contact your administrator.",
  sso_throttled: "Too many failed attempts from your address. Wait a few minutes, then try again.",
  sso_changed_meanwhile: "Your permissions have just changed. Try again.",
  sso_controller_unavailable: "The controller could not complete the login. Try again shortly.",
};

/** The sentence for an error code in the address of the login page. The code is untrusted. */
export function ssoSentence(code: unknown): string | null {
  if (typeof code !== "string" || code === "") return null;
  return Object.hasOwn(SENTENCES, code) ? SENTENCES[code as SsoRefusal] : "The login failed. Try again.";
}
