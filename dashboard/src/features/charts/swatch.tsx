import { createUniqueId, Show } from "solid-js";
import { PATTERNS, TILE_PX } from "./looks.ts";

/** The look of a series in a legend. */
export function Swatch(props: { look: number }) {
  const id = createUniqueId();
  return (
    <svg class="swatch" data-look={props.look} width="16" height="16" viewBox="0 0 16 16" aria-hidden="true">
      <rect class="swatch-ground" width="16" height="16" rx="3" />
      <Show when={PATTERNS[props.look]}>
        {(lines) => (
          <>
            <pattern id={id} width={TILE_PX} height={TILE_PX} patternUnits="userSpaceOnUse">
              <path class="swatch-lines" d={lines()} />
            </pattern>
            <rect width="16" height="16" rx="3" fill={`url(#${id})`} />
          </>
        )}
      </Show>
    </svg>
  );
}
