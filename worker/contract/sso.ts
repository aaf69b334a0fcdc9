/** Why a person from single sign-on is not logged in. The login page has a sentence for each code. */
export type SsoRefusal =
  /** More than ten minutes passed between the button and the way back. */
  | "sso_expired"
  /** This browser has no matching attempt: it was used already, started elsewhere, or forged. */
  | "sso_unknown_attempt"
  /** The provider refuses the code: it was used before, or has expired. */
  | "sso_code_refused"
  /** The provider did not answer, or answered that it cannot. */
  | "sso_provider_unavailable"
  /** The provider refused: the person declined, or the settings of this application do not fit. */
  | "sso_provider_refused"
  | "sso_token_expired"
  /** Not from this provider, not for this application, not for this attempt, or not signed. */
  | "sso_token_invalid"
  | "sso_no_group"
  | "sso_groups_left_out"
  /** The provider sent none of the claims that the rules look at. */
  | "sso_claims_missing"
  | "sso_deactivated"
  | "sso_throttled"
  /** The access of this person changed at the same moment. */
  | "sso_changed_meanwhile"
  | "sso_controller_unavailable";

/** How a session was opened. */
export type LoginMethod = "password" | "sso";
