import { SESSION_TIMEOUT_SETTING } from "../../../../worker/contract/values/config.ts";
import { type ConfigDocument, isObject, type Json, valueAt, withKey } from "./document.ts";

/** null: not set, so the orchestrator keeps its own value. */
export type Toggle = boolean | null;

/** The standard features; all others are flags. */
export const KNOWN_FEATURES = ["cache", "firewall"] as const;
export const MAX_TIMEOUT_MINUTES = 7 * 24 * 60;
/** A key that is valid in the form, in a log line and in an environment variable. */
const FLAG_NAME = /^[A-Za-z][A-Za-z0-9_.-]{0,63}$/;

export interface FormField<T> {
  value: T;
  /** The value is not supported by the form; only the JSON tab can change it. */
  isForeign: boolean;
}

export interface Flag {
  name: string;
  isOn: boolean;
}

export interface FormView {
  cache: FormField<Toggle>;
  firewall: FormField<Toggle>;
  sessionTimeoutMinutes: FormField<number | null>;
  flags: Flag[];
  /** Paths that are not in the form, such as `settings.region`. */
  elsewhere: string[];
}

/** Extracts the values of the form from a configuration. */
export function readForm({ features, settings, policies }: ConfigDocument): FormView {
  const others = Object.entries(features).filter(([name]) => !isKnown(name));
  const flags = others.flatMap(([name, value]) => {
    const isOn = toggleOf(value);
    return isOn === null ? [] : [{ name, isOn }];
  });
  const shown = new Set(flags.map(({ name }) => name));
  const timeout = valueAt(settings, [SESSION_TIMEOUT_SETTING]);
  return {
    cache: toggleField(valueAt(features, ["cache"])),
    firewall: toggleField(valueAt(features, ["firewall"])),
    sessionTimeoutMinutes: {
      value: typeof timeout === "number" ? timeout : null,
      isForeign: timeout !== undefined && !isTimeout(timeout),
    },
    flags,
    elsewhere: [
      ...Object.entries(features).flatMap(([name, value]) =>
        beside(`features.${name}`, value, isKnown(name) || shown.has(name)),
      ),
      ...Object.keys(settings).flatMap((name) => (name === SESSION_TIMEOUT_SETTING ? [] : [`settings.${name}`])),
      ...Object.keys(policies).map((name) => `policies.${name}`),
    ],
  };
}

/** Sets a feature in its existing shape, or removes it by null. Other keys beside `enabled` stay. */
export function withFeature(config: ConfigDocument, name: string, value: Toggle): ConfigDocument {
  const stored = valueAt(config.features, [name]);
  return { ...config, features: withKey(config.features, name, switched(stored, value)) };
}

export function withSessionTimeout(config: ConfigDocument, minutes: number | null): ConfigDocument {
  return { ...config, settings: withKey(config.settings, SESSION_TIMEOUT_SETTING, minutes ?? undefined) };
}

/** Removes a flag with all its keys. */
export function withoutFlag(config: ConfigDocument, name: string): ConfigDocument {
  return { ...config, features: withKey(config.features, name, undefined) };
}

/** Why a flag name is not valid, or null. */
export function flagNameProblem(config: ConfigDocument, name: string): string | null {
  if (name === "") return "Enter a name.";
  if (["__proto__", "constructor", "prototype"].includes(name)) return "This name is reserved.";
  if (!FLAG_NAME.test(name)) return "Start with a letter. Use only letters, digits, dots, dashes and underscores.";
  return Object.hasOwn(config.features, name) || isKnown(name) ? `${name} already exists.` : null;
}

/** Why a timeout is not valid, or null. */
export function timeoutProblem(text: string): string | null {
  if (text.trim() === "") return null;
  return /^\d+$/.test(text.trim()) && isTimeout(Number(text))
    ? null
    : `Enter a whole number from 1 to ${MAX_TIMEOUT_MINUTES}, or leave empty.`;
}

function switched(stored: Json | undefined, value: Toggle): Json | undefined {
  if (value !== null) {
    if (typeof stored === "boolean") return value;
    return isObject(stored) ? withKey(stored, "enabled", value) : { enabled: value };
  }
  if (!isObject(stored)) return undefined;
  const rest = withKey(stored, "enabled", undefined);
  return Object.keys(rest).length > 0 ? rest : undefined;
}

function toggleField(stored: Json | undefined): FormField<Toggle> {
  const value = stored === undefined ? null : toggleOf(stored);
  const isUnset = stored === undefined || (isObject(stored) && !Object.hasOwn(stored, "enabled"));
  return { value, isForeign: value === null && !isUnset };
}

function toggleOf(value: Json): Toggle {
  if (typeof value === "boolean") return value;
  return isObject(value) && typeof value.enabled === "boolean" ? value.enabled : null;
}

function beside(path: string, value: Json, isShown: boolean): string[] {
  if (!isShown) return [path];
  if (!isObject(value)) return [];
  return Object.keys(value).flatMap((key) => (key === "enabled" ? [] : [`${path}.${key}`]));
}

function isTimeout(value: Json): boolean {
  return typeof value === "number" && Number.isInteger(value) && value >= 1 && value <= MAX_TIMEOUT_MINUTES;
}

function isKnown(name: string): boolean {
  return KNOWN_FEATURES.some((known) => known === name);
}
