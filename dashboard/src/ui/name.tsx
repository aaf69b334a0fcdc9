import { displayName } from "../../../common/text.ts";

/** An untrusted name: it must neither imitate another one nor reverse the text beside it. */
export function Name(props: { of: string | null | undefined; or?: string }) {
  return <bdi>{displayName(props.of, props.or)}</bdi>;
}
