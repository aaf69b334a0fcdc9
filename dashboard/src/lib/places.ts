/** The page of an organization that lists the given orchestrator first. */
export function orchestratorHref(organizationId: string, orchestratorId: string): string {
  const page = `/organizations/${encodeURIComponent(organizationId)}`;
  // An orchestrator with the ID of its organization needs no parameter.
  return orchestratorId === organizationId ? page : `${page}?${new URLSearchParams({ orchestrator: orchestratorId })}`;
}
