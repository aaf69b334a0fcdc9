import { findJsonProblem, type JsonObject } from "../contract/json.ts";
import type { Profile } from "../contract/presence.ts";
import { MAX_FRAME_BYTES } from "../contract/values/limits.ts";

/** Whether what an orchestrator says of itself stays within one frame: each frame is bounded, their sum is not. */
export function fitsFrame(profile: Profile): boolean {
  if (findJsonProblem([profile.metadata, profile.features])) return false;
  return new TextEncoder().encode(JSON.stringify(profile)).byteLength <= MAX_FRAME_BYTES / 2;
}

/** For features that {@link mergeFeatures} finds no room for. */
export const NO_ROOM = { path: "features", reason: "too large together with those that are known" };

/** Features merged per top-level key; null when the result would not fit. */
export function mergeFeatures(known: JsonObject, told: JsonObject | undefined): JsonObject | null {
  if (!told) return known;
  const features = { ...known, ...told };
  return fitsFrame({ name: null, location: null, metadata: {}, features }) ? features : null;
}
