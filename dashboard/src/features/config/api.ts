import { unwrap } from "solid-js/store";
import { api, ask } from "../../lib/api.ts";
import type { components } from "../../lib/api-schema.d.ts";
import { toFailure } from "../../lib/failure.ts";
import type { ConfigDocument, JsonObject } from "./document.ts";
import type { Published } from "./draft.ts";

export type ConfigDetail = components["schemas"]["ConfigurationDetail"];

export interface Complaint {
  /** `/body/features/cache` */
  path: string;
  message: string;
}

export type PublishResult =
  | { ok: true; published: Published }
  | { ok: false; code: string; message: string; isAccepted: boolean; complaints: Complaint[] };

export async function fetchConfig(organizationId: string, signal?: AbortSignal): Promise<ConfigDetail> {
  const params = { path: { organization_id: organizationId } };
  return (
    await ask(
      api.GET("/api/v1/controller/organizations/{organization_id}/config", { params, ...(signal && { signal }) }),
    )
  ).data;
}

/** Sends the published configuration to a connected orchestrator again. */
export async function pushConfig(orchestratorId: string): Promise<void> {
  const params = { path: { orchestrator_id: orchestratorId } };
  await ask(api.POST("/api/v1/controller/orchestrators/{orchestrator_id}/config/push", { params }));
}

/** Publishes on top of the given revision; fails if it is no longer the current one. */
export async function publishConfig(
  organizationId: string,
  config: ConfigDocument,
  expectedRevision: number,
): Promise<PublishResult> {
  try {
    const { data, error } = await api.PUT("/api/v1/controller/organizations/{organization_id}/config", {
      params: { path: { organization_id: organizationId } },
      body: { ...config, expected_revision: expectedRevision },
    });
    if (data) return { ok: true, published: toPublished(data.data) };
    const { code, details, accepted = false } = error.error;
    // It is stored, and pushed a little later.
    const stored = accepted ? await fetchConfig(organizationId).catch(() => null) : null;
    if (stored) return { ok: true, published: toPublished(stored) };
    return { ok: false, code, message: error.message, isAccepted: accepted, complaints: details };
  } catch (cause) {
    const { code, message, isAccepted } = toFailure(cause);
    return { ok: false, code, message, isAccepted, complaints: [] };
  }
}

/** A copy: responses are patched in place, and a draft must not change while it is edited. */
export function toPublished(answer: Pick<ConfigDetail, "revision" | "features" | "settings" | "policies">): Published {
  const copy = (part: unknown) => structuredClone(unwrap(part as JsonObject));
  const { revision, features, settings, policies } = answer;
  return { revision, config: { features: copy(features), settings: copy(settings), policies: copy(policies) } };
}
