interface Route {
  method: string;
  path: string;
}

/** Which methods a path answers, computed from the routes of the application: the `Allow` header of a 405. */
export function createRouteTable(routes: Route[]): (path: string) => string[] {
  const handlers = routes.filter(({ method }) => method !== "ALL");
  const table = handlers.map(({ method, path }) => ({
    method,
    pattern: new RegExp(
      `^${path
        .replaceAll(".", "\\.")
        .replaceAll("*", ".*")
        .replaceAll(/:[^/]+/g, "[^/]+")}$`,
    ),
  }));
  return (path) => {
    const methods = new Set(table.flatMap(({ method, pattern }) => (pattern.test(path) ? [method] : [])));
    if (methods.has("GET")) methods.add("HEAD");
    return [...methods].sort();
  };
}
