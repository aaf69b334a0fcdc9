/** Moments are compared by shape: the documents leave out the zone, the controller always sends Z. */
const DOCUMENTED_MOMENT = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z?$/;
const MOMENT = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;
const MESSAGE_ID = /^msg[_-]/;

/**
 * Where an answer falls short of the body that a document shows: a field that is missing, or of another type. What is
 * added is fine. Items of a list must each have every field of the documented ones.
 */
export function shortfalls(documented: unknown, actual: unknown, path = ""): string[] {
  if (documented === null) return actual === undefined ? [`${path} is missing`] : [];
  if (Array.isArray(documented)) {
    if (!Array.isArray(actual)) return [`${path} is no list`];
    if (documented.length > 0 && actual.length === 0) return [`${path} is empty`];
    return documented.flatMap((entry) => actual.flatMap((item, index) => shortfalls(entry, item, `${path}/${index}`)));
  }
  if (typeof documented === "object") {
    if (typeof actual !== "object" || actual === null) return [`${path} is no object`];
    return Object.entries(documented).flatMap(([key, value]) =>
      Object.hasOwn(actual, key)
        ? shortfalls(value, Reflect.get(actual, key), `${path}/${key}`)
        : [`${path}/${key} is missing`],
    );
  }
  if (typeof documented === "string" && DOCUMENTED_MOMENT.test(documented)) {
    const fits = actual === null || (typeof actual === "string" && MOMENT.test(actual));
    return fits ? [] : [`${path} is no moment: ${JSON.stringify(actual)}`];
  }
  if (typeof documented === "string" && MESSAGE_ID.test(documented)) {
    return MESSAGE_ID.test(String(actual)) ? [] : [`${path} is no message id: ${JSON.stringify(actual)}`];
  }
  return typeof actual === typeof documented ? [] : [`${path} is no ${typeof documented}: ${JSON.stringify(actual)}`];
}

/** Copies of a body that each lack one of its fields, at any depth. */
export function withoutEachField(body: unknown): { path: string; body: unknown }[] {
  if (typeof body !== "object" || body === null) return [];
  return Object.entries(body).flatMap(([key, value]) => {
    const replaced = (next: unknown) => (Array.isArray(body) ? body.with(Number(key), next) : { ...body, [key]: next });
    const deeper = withoutEachField(value).map((rest) => ({ path: `/${key}${rest.path}`, body: replaced(rest.body) }));
    if (Array.isArray(body)) return deeper;
    const { [key]: _gone, ...left } = body as Record<string, unknown>;
    return [{ path: `/${key}`, body: left }, ...deeper];
  });
}
