interface DeclaredRoute {
  method: string;
  path: string;
}

/** Which methods a path answers, computed from the declared routes: the `Allow` header of a 405. */
export function createRouteTable(routes: DeclaredRoute[]): (path: string) => string[] {
  const table = routes.map(({ method, path }) => ({
    method: method.toUpperCase(),
    pattern: new RegExp(`^${path.replaceAll(/[.*+?^$()|[\]\\]/g, "\\$&").replaceAll(/\{[^}]+\}/g, "[^/]+")}$`),
  }));
  return (path) => {
    const methods = new Set(table.flatMap(({ method, pattern }) => (pattern.test(path) ? [method] : [])));
    if (methods.has("GET")) methods.add("HEAD");
    return [...methods].sort();
  };
}
