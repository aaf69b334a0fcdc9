import { displayName } from "../../../common/text.ts";

/** A name from outside, which must neither pose as another one nor turn around what stands beside it. */
export function Name(props: { of: string | null | undefined; or?: string }) {
  return <bdi>{displayName(props.of, props.or)}</bdi>;
}
