import { createRoot } from "solid-js";
import { createFleetLive } from "../../dashboard/src/live/fleet-live.ts";

/** In a browser: the live fleet of the dashboard without its pages, for a benchmark to look into. */
createRoot(() => Object.assign(globalThis, { fleet: createFleetLive() }));
