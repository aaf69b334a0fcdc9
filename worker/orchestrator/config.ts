import type { OrganizationConfig } from "../contract/config.ts";
import type { InboundFrame } from "../contract/frames.ts";
import { redact } from "../redact.ts";
import { isPrivate, type OrchestratorRecord } from "./state.ts";

/** What changes in the record when its orchestrator is told the desired configuration. */
export function tell(
  record: OrchestratorRecord,
): Pick<OrchestratorRecord, "toldConfig" | "configState" | "configError"> {
  const { config, toldConfig, configState, configError } = record;
  if (config.revision === 0 || (config.revision === toldConfig.revision && configState !== "queued")) {
    return { toldConfig: config, configState, configError };
  }
  return { toldConfig: config, configState: "sent", configError: null };
}

/** A newer configuration, which is to be told; null when it is not newer. */
export function receiveConfig(record: OrchestratorRecord, config: OrganizationConfig): OrchestratorRecord | null {
  if (config.revision <= record.config.revision) return null;
  return { ...record, config, configState: "queued", configError: null };
}

type ConfigStatus = Extract<InboundFrame, { type: "config_status" }>;

/** What the orchestrator says of the configuration it was told; null when it speaks of another one. */
export function confirmConfig(record: OrchestratorRecord, frame: ConfigStatus): OrchestratorRecord | null {
  const { revision, hash } = record.toldConfig;
  if (revision === 0 || (frame.revision ?? revision) !== revision || (frame.hash ?? hash) !== hash) return null;
  const reason = isPrivate(record) ? undefined : frame.error;
  const configError = frame.status === "failed" ? redact(reason ?? "The orchestrator gave no reason.") : null;
  if (record.configState === frame.status && record.configError === configError) return null;
  return { ...record, configState: frame.status, configError };
}
