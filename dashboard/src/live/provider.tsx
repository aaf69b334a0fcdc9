import type { JSX } from "solid-js";
import { FleetContext } from "./context.ts";
import { createFleetLive } from "./fleet-live.ts";

export function FleetProvider(props: { children: JSX.Element }) {
  return <FleetContext.Provider value={createFleetLive()}>{props.children}</FleetContext.Provider>;
}
