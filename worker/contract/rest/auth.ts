import { z } from "zod";
import { role } from "../actor.ts";
import { givenPassword, newPassword } from "../people.ts";
import { bindingView } from "./access.ts";
import { moment, outcome } from "./common.ts";

export const loginBody = z
  .object({ username: z.string().min(1).max(255), password: givenPassword })
  .meta({ id: "Login", description: "Name and password of a user" });

const user = z.object({ username: z.string(), role });

export const loginAnswer = z
  .object({
    ...outcome,
    user: user.extend({
      token: z.string().optional().meta({ description: "Bearer token of the session; browsers get a cookie instead" }),
    }),
    expires_at: moment,
  })
  .meta({ id: "LoginAnswer", description: "The session that was opened" });

export const passwordBody = z
  .object({
    current: givenPassword,
    new: newPassword,
    end_tokens: z.boolean().default(true).meta({
      description: "Also end the API tokens, join tokens and links to set a password that the caller has made",
    }),
  })
  .meta({ id: "PasswordChange", description: "The current password and the new one" });

export const acceptLinkBody = z
  .object({
    token: z.string().min(1).max(128).meta({ description: "What follows the `#` in the link: `mcl_…`" }),
    password: newPassword,
  })
  .meta({ id: "AcceptLink", description: "A one-time link, and the password to set" });

export const acceptLinkAnswer = z.object({
  ...outcome,
  user: z.object({ username: z.string().meta({ description: "The name to log in with" }) }),
});

/** How many sessions were ended. */
export const endedSessions = z.object({ ...outcome, ended: z.int() });

export const passwordAnswer = endedSessions.extend({ ended_tokens: z.int() }).meta({
  id: "PasswordChanged",
  description: "The number of other sessions and of API and join tokens that were ended",
});

export const tokenSessionBody = z
  .object({ token: z.string().min(1).max(512).meta({ description: "A read-only API token that expires: `mct_…`" }) })
  .meta({ id: "TokenSession", description: "The token with which a wall screen is logged in" });

const loginMethod = z
  .enum(["password", "sso", "token"])
  .meta({ description: "How the session was opened; `token`: that of a wall screen" });

const atProvider = {
  method: loginMethod,
  end_session_url: z.string().nullable().meta({
    description:
      "With single sign-on: where the browser logs out at the provider too. null: there is nothing to do there, or the provider offers no such address",
  }),
};

export const logoutAnswer = z.object({ ...outcome, ...atProvider });

export const logoutAllAnswer = z.object({ ...outcome, ended: z.int(), ...atProvider });

export const loginMethods = z
  .object({
    ...outcome,
    password: z.enum(["everyone", "superadmins"]).meta({ description: "Who can log in with a password" }),
    sso: z
      .object({
        button: z.string().meta({ description: "What the button says" }),
        start: z
          .string()
          .meta({ description: "Where a browser goes to log in; `?next=` names the page to open after it" }),
      })
      .nullable()
      .meta({ description: "Single sign-on; null: it is not set up" }),
  })
  .meta({ id: "LoginMethods", description: "How people log in here" });

export const meAnswer = z
  .object({
    ...outcome,
    user: user.extend({
      organizations: bindingView,
    }),
    method: loginMethod,
    is_screen: z.boolean().meta({ description: "true: a wall screen, logged in with a read-only token" }),
    mode: z.enum(["development", "production"]),
  })
  .meta({ id: "Me", description: "Who is calling" });
