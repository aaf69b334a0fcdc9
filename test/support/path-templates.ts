/** A path as OpenAPI writes it, with parameters in braces, and what belongs to it. */
export interface PathTemplate<T> {
  template: string;
  value: T;
}

/** Finds what a concrete path belongs to; a fixed segment goes before a parameter in its place. */
export function pathMatcher<T>(
  templates: PathTemplate<T>[],
): (path: string, accepts: (value: T) => boolean) => T | null {
  const patterns = templates
    .map(({ template, value }) => ({
      value,
      parameters: template.split("{").length,
      pattern: new RegExp(`^${template.replaceAll(".", "\\.").replaceAll(/\{\w+\}/g, "[^/]+")}$`),
    }))
    .sort((a, b) => a.parameters - b.parameters);
  return (path, accepts) => {
    const { pathname } = new URL(path, "http://controller.example");
    return patterns.find(({ pattern, value }) => pattern.test(pathname) && accepts(value))?.value ?? null;
  };
}
