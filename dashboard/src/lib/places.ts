/** The page of an organization, with one of its orchestrators first. */
export function orchestratorHref(organizationId: string, orchestratorId: string): string {
  const page = `/organizations/${encodeURIComponent(organizationId)}`;
  // Alone it needs no naming.
  return orchestratorId === organizationId ? page : `${page}?${new URLSearchParams({ orchestrator: orchestratorId })}`;
}
