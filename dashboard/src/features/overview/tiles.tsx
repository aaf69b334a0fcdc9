import { A } from "@solidjs/router";
import { type JSX, Show } from "solid-js";
import { formatCount, formatPercent, plural } from "../../lib/numbers.ts";
import { DiamondWithBrokenLink, DiscWithTick, Ring, Triangle } from "../../ui/icons.tsx";
import { type FleetNumbers, listHref } from "./numbers.ts";
import "./tiles.css";

interface TilesProps {
  numbers: FleetNumbers;
  /** The number of items that need attention; undefined: unknown. */
  attention: number | undefined;
}

/** Five numbers about the fleet, each with a link to what it counts. */
export function Tiles(props: TilesProps) {
  const organizations = () => props.numbers.organizations;
  const share = (count: number) => (organizations().total === 0 ? "" : formatPercent(count / organizations().total));
  const connected = () => {
    const { orchestrators, connected: count } = props.numbers;
    const all = plural(orchestrators, "orchestrator");
    return count === null ? all : `${all}, ${formatCount(count)} connected`;
  };
  return (
    <ul class="tiles" aria-label="Fleet summary">
      <Tile kind="total" href={listHref()} title="Organizations" count={organizations().total} hint={connected()} />
      <Tile
        kind="active"
        href={listHref(["status", "active"])}
        title="Active"
        icon={DiscWithTick}
        count={organizations().active}
        hint={share(organizations().active)}
      />
      <Tile
        kind="inactive"
        href={listHref(["status", "inactive"])}
        title="Inactive"
        icon={Ring}
        count={organizations().inactive}
        hint={share(organizations().inactive)}
      />
      <Tile
        kind="independent"
        href={listHref(["status", "independent"])}
        title="Independent"
        icon={DiamondWithBrokenLink}
        count={organizations().independent}
        hint={share(organizations().independent)}
      />
      <Tile
        kind={props.attention ? "attention" : "calm"}
        href="#attention"
        title="Needs attention"
        icon={Triangle}
        count={props.attention}
        hint={props.attention === 0 ? "All clear" : "See the list below"}
      />
    </ul>
  );
}

interface TileProps {
  kind: string;
  href: string;
  title: string;
  icon?: () => JSX.Element;
  count: number | undefined;
  hint: string;
}

function Tile(props: TileProps) {
  const inside = () => (
    <>
      <span class="tile-title">
        <Show when={props.icon}>{(icon) => icon()()}</Show>
        {props.title}
      </span>
      <span class="tile-count">{props.count === undefined ? "–" : formatCount(props.count)}</span>
      <span class="tile-hint">{props.hint}</span>
    </>
  );
  return (
    <li class="tile" data-kind={props.kind}>
      {/* The browser handles links within the page and moves the focus. */}
      <Show
        when={props.href.startsWith("#")}
        fallback={
          <A class="tile-link panel" href={props.href}>
            {inside()}
          </A>
        }
      >
        <a class="tile-link panel" href={props.href} rel="external">
          {inside()}
        </a>
      </Show>
    </li>
  );
}
