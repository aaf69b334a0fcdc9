// Written by `npm run api:types` from the Worker's OpenAPI document. Do not edit.

export interface paths {
    "/health": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Health for load balancers
         * @description Always 200 while the controller answers at all; the state of the database is at most 5 s old. Access: public.
         */
        get: operations["getHealth"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/controller/health": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Health of the controller and its database
         * @description 200 also while the database is down: see `database`. Access: viewer, or an API token with the scope read.
         */
        get: operations["getControllerHealth"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/internal/health": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * How many orchestrators are connected
         * @description How many orchestrators are connected. Access: viewer, or an API token with the scope read, or the orchestrator itself.
         */
        get: operations["getInternalHealth"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/internal/auth/login": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Log in
         * @description Opens a session: a cookie for browsers, a bearer token for everyone else. Access: public.
         */
        post: operations["postInternalAuthLogin"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/internal/auth/token-session": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Log a wall screen in with a read-only token
         * @description Sets the cookie of a read-only session for the organizations of the token. The session has no idle timeout and ends when the token expires or is revoked. The token needs an expiry and only the scope read. Access: public.
         */
        post: operations["postInternalAuthTokenSession"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/internal/auth/logout": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Log out
         * @description Ends the session on the server. A session of single sign-on stays open at the provider until the browser opens `end_session_url`. Access: viewer.
         */
        post: operations["postInternalAuthLogout"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/internal/auth/logout-all": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Log out everywhere
         * @description Ends every session of the caller, this one included, and closes their streams. A wall screen only logs out itself. Access: viewer.
         */
        post: operations["postInternalAuthLogoutAll"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/internal/auth/me": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Who is calling
         * @description Who is calling. Access: viewer.
         */
        get: operations["getInternalAuthMe"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/internal/auth/password": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /**
         * Change the caller's password
         * @description Ends every other session of the caller, and, unless `end_tokens` is false, the API and join tokens and the links that the caller has made. Wrong guesses at the current password count as failed logins. Access: viewer.
         */
        put: operations["putInternalAuthPassword"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/internal/auth/accept-link": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Set a password with a one-time link
         * @description Uses up the link and ends every session of that person, with the API tokens, join tokens and links that they made. Log in next. Access: public.
         */
        post: operations["postInternalAuthAcceptLink"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/internal/auth/methods": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * How people log in here
         * @description How people log in here. Access: public.
         */
        get: operations["getInternalAuthMethods"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/controller/orchestrators/live": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Connected orchestrators
         * @description Every open WebSocket, including independent orchestrators. Works without the database. With an orchestrator id as a further path segment, only that one is returned. Access: viewer, or an API token with the scope read.
         */
        get: operations["getControllerOrchestratorsLive"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/controller/orchestrator-instances/live": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Connected orchestrator instances
         * @description Every open WebSocket, including independent orchestrators. Works without the database. Access: viewer, or an API token with the scope read.
         */
        get: operations["getControllerOrchestratorInstancesLive"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/internal/orchestrators/live": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Connected orchestrators in short
         * @description Every open WebSocket, including independent orchestrators. Works without the database. Access: viewer, or an API token with the scope read.
         */
        get: operations["getInternalOrchestratorsLive"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/controller/orchestrators/heartbeats": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Heartbeats of the last hour of several orchestrators
         * @description By minute, exact to the last beat, for at most 60 at a time. Access: viewer, or an API token with the scope read.
         */
        get: operations["getControllerOrchestratorsHeartbeats"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/controller/organizations": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List organizations
         * @description Newest first, unless `sort` is given. Filters use the state in Postgres. Access: viewer, or an API token with the scope read.
         */
        get: operations["getControllerOrganizations"];
        put?: never;
        /**
         * Create an organization
         * @description It has no orchestrators yet; register them with its id. Access: admin, or an API token with the scope admin.
         */
        post: operations["postControllerOrganizations"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/controller/organizations/facets": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Counts of organizations by status, health, configuration, location and version
         * @description Counts for the filters of the list. Each facet is counted with every filter except its own. Access: viewer, or an API token with the scope read.
         */
        get: operations["getControllerOrganizationsFacets"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/controller/organizations/ids": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Ids of all organizations that match
         * @description Sorted by id, with the ids of their orchestrators, for actions on everything that the list would show. Access: viewer, or an API token with the scope read.
         */
        get: operations["getControllerOrganizationsIds"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/controller/organizations/{organization_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * One organization
         * @description One organization. Access: viewer, or an API token with the scope read.
         */
        get: operations["getControllerOrganizationsByOrganizationId"];
        /**
         * Change name, location or metadata of an organization
         * @description Send only the fields that change. With `expected_version`, or with the ETag of an answer as `If-Match`, an edit of another version is refused (409, with the stored state in `error.current`), unless it would change nothing. Access: admin, or an API token with the scope admin.
         */
        put: operations["putControllerOrganizationsByOrganizationId"];
        post?: never;
        /**
         * Delete an organization with its orchestrators
         * @description Deregisters each of them, which is final: their WebSockets are closed, and they stay refused until they are registered again. Usage and audit stay. Access: admin, or an API token with the scope admin.
         */
        delete: operations["deleteControllerOrganizationsByOrganizationId"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/controller/organizations/{organization_id}/impact": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * What deleting an organization would remove
         * @description What deleting an organization would remove. Access: viewer, or an API token with the scope read.
         */
        get: operations["getControllerOrganizationsByOrganizationIdImpact"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/controller/organizations/{organization_id}/features": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /**
         * Change features of an organization
         * @description Merges per top-level key, stores a new revision and pushes it to every orchestrator of the organization. Access: operator, or an API token with the scope operate.
         */
        put: operations["putControllerOrganizationsByOrganizationIdFeatures"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/controller/organizations/{organization_id}/config": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Configuration of an organization
         * @description Configuration of an organization. Access: viewer, or an API token with the scope read.
         */
        get: operations["getControllerOrganizationsByOrganizationIdConfig"];
        /**
         * Publish a configuration
         * @description Stores a new revision and pushes it to every orchestrator of the organization. Access: operator, or an API token with the scope operate.
         */
        put: operations["putControllerOrganizationsByOrganizationIdConfig"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/controller/orchestrators/{orchestrator_id}/config/push": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Send an orchestrator its configuration again
         * @description For an orchestrator that failed to apply it or has lost it. Publishing the same configuration again reaches only orchestrators that have not confirmed it. Access: operator, or an API token with the scope operate.
         */
        post: operations["postControllerOrchestratorsByOrchestratorIdConfigPush"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/internal/orchestrators/{orchestrator_id}/send": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Send a frame to a connected orchestrator
         * @description Goes straight to its WebSocket and is not stored; its arrival is not confirmed. Types that only the controller may send, such as `handshake_ack`, `error` or `provisioning`, are refused with the route to use instead. Access: operator, or an API token with the scope operate.
         */
        post: operations["postInternalOrchestratorsByOrchestratorIdSend"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/controller/organizations/{organization_id}/config/revisions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Published configurations of an organization
         * @description Newest first, without their content. Access: viewer, or an API token with the scope read.
         */
        get: operations["getControllerOrganizationsByOrganizationIdConfigRevisions"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/controller/organizations/{organization_id}/config/revisions/{revision}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * One published configuration
         * @description To compare with, or to publish again. Access: viewer, or an API token with the scope read.
         */
        get: operations["getControllerOrganizationsByOrganizationIdConfigRevisionsByRevision"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/controller/orchestrators": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List orchestrators
         * @description Newest first. Filters use the state in Postgres; the returned presence is the newest. Access: viewer, or an API token with the scope read.
         */
        get: operations["getControllerOrchestrators"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/controller/orchestrator-instances": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List orchestrator instances
         * @description Newest first. Filters use the state in Postgres; the returned presence is the newest. Access: viewer, or an API token with the scope read.
         */
        get: operations["getControllerOrchestratorInstances"];
        put?: never;
        /**
         * Create an orchestrator instance
         * @description Like registering, but refused when the orchestrator exists. `org_id` alone names an organization of this one orchestrator; with `orchestrator_id` it may have several. Access: admin, or an API token with the scope admin.
         */
        post: operations["postControllerOrchestratorInstances"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/internal/orchestrators": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List orchestrators in short
         * @description Newest first. Filters use the state in Postgres; the returned presence is the newest. Access: viewer, or an API token with the scope read.
         */
        get: operations["getInternalOrchestrators"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/controller/orchestrators/{orchestrator_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * One orchestrator
         * @description One orchestrator. Access: viewer, or an API token with the scope read.
         */
        get: operations["getControllerOrchestratorsByOrchestratorId"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/controller/orchestrator-instances/{orchestrator_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * One orchestrator instance
         * @description One orchestrator instance. Access: viewer, or an API token with the scope read.
         */
        get: operations["getControllerOrchestratorInstancesByOrchestratorId"];
        put?: never;
        post?: never;
        /**
         * Delete an orchestrator instance
         * @description The same as deregistering it. Access: admin, or an API token with the scope admin.
         */
        delete: operations["deleteControllerOrchestratorInstancesByOrchestratorId"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/controller/orchestrators/{orchestrator_id}/activity": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Activity of an orchestrator
         * @description The newest entries of its activity, including every heartbeat that it still holds. Access: viewer, or an API token with the scope read.
         */
        get: operations["getControllerOrchestratorsByOrchestratorIdActivity"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/internal/orchestrators/register": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Register an orchestrator
         * @description Creates the orchestrator and its organization, or updates them: absent fields stay as they are. Registering marks nobody active. The answer that creates it contains its token, only this once. Access: admin, or an API token with the scope admin, or the orchestrator itself.
         */
        post: operations["postInternalOrchestratorsRegister"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/internal/orchestrators/{orchestrator_id}/deregister": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /**
         * Deregister an orchestrator
         * @description Called by an admin or an API token, it deletes the orchestrator, its messages, and its organization if it was the last one there, and closes its WebSocket. Called by the orchestrator itself (with its agent token, or without a credential in development) it says "I am going": the orchestrator is inactive at once, its WebSocket is closed, and id, token, messages and configuration stay for its return. Access: admin, or an API token with the scope admin, or the orchestrator itself.
         */
        delete: operations["deleteInternalOrchestratorsByOrchestratorIdDeregister"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/internal/orchestrators/heartbeat": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Heartbeat over HTTP
         * @description For orchestrators without a WebSocket. A heartbeat counts whatever decorates it; `dropped` lists the values that could not be used. Access: operator, or an API token with the scope operate, or the orchestrator itself.
         */
        post: operations["postInternalOrchestratorsHeartbeat"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/controller/orchestrators/{orchestrator_id}/tokens": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Tokens of an orchestrator
         * @description Newest first, including expired and revoked tokens. Secrets are never returned. Access: viewer, or an API token with the scope read.
         */
        get: operations["getControllerOrchestratorsByOrchestratorIdTokens"];
        put?: never;
        /**
         * Create a token for an orchestrator
         * @description The answer contains the secret, only this once. At most two tokens are valid at a time, so that one can replace the other without a gap; with two, the answer is `already_exists`. Access: admin, or an API token with the scope admin.
         */
        post: operations["postControllerOrchestratorsByOrchestratorIdTokens"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/controller/orchestrators/{orchestrator_id}/tokens/{key_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /**
         * Revoke a token of an orchestrator
         * @description Takes effect at once and is final: the WebSocket that uses it is closed with 4401. Access: admin, or an API token with the scope admin.
         */
        delete: operations["deleteControllerOrchestratorsByOrchestratorIdTokensByKeyId"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/internal/orchestrators/{orchestrator_id}/tokens": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Fetch the next token
         * @description An orchestrator presents its token and receives a successor with the same lifetime. The presented token ends after `overlap_sec`. If the answer is lost, the same call replaces the successor that was never used. Access: the orchestrator itself.
         */
        post: operations["postInternalOrchestratorsByOrchestratorIdTokens"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/controller/organizations/{organization_id}/join-tokens": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Join tokens of an organization
         * @description Newest first, including expired and revoked tokens. Secrets are never returned. Access: admin, or an API token with the scope admin.
         */
        get: operations["getControllerOrganizationsByOrganizationIdJoinTokens"];
        put?: never;
        /**
         * Make a join token
         * @description Orchestrators of this organization use it to register themselves and to fetch a token of their own. The answer contains the secret, only this once. Access: admin, or an API token with the scope admin.
         */
        post: operations["postControllerOrganizationsByOrganizationIdJoinTokens"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/controller/organizations/{organization_id}/join-tokens/{key_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /**
         * Revoke a join token
         * @description Nobody can join with it any more. Tokens that were fetched with it stay valid. Access: admin, or an API token with the scope admin.
         */
        delete: operations["deleteControllerOrganizationsByOrganizationIdJoinTokensByKeyId"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/internal/orchestrators/join": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Join an organization
         * @description With `Authorization: Bearer <join token>`: registers a new orchestrator and returns its token, only this once. An orchestrator with a valid token is refused (`already_exists`), unless the join token names it. Access: public.
         */
        post: operations["postInternalOrchestratorsJoin"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/internal/orchestrators/{orchestrator_id}/independence": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Independence mode of an orchestrator
         * @description Independence mode of an orchestrator. Access: viewer, or an API token with the scope read, or the orchestrator itself.
         */
        get: operations["getInternalOrchestratorsByOrchestratorIdIndependence"];
        /**
         * Switch independence mode on or off
         * @description Takes effect at once: no heartbeat that arrives after the answer moves `last_seen`. Access: operator, or an API token with the scope operate, or the orchestrator itself.
         */
        put: operations["putInternalOrchestratorsByOrchestratorIdIndependence"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/internal/orchestrators/{orchestrator_id}/messages": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Messages of an orchestrator
         * @description Newest first. Empty while the orchestrator is independent, unless `include_independent` is true. Access: viewer, or an API token with the scope read, or the orchestrator itself.
         */
        get: operations["getInternalOrchestratorsByOrchestratorIdMessages"];
        put?: never;
        /**
         * Send a message to an orchestrator
         * @description The message is stored and sent at once if the orchestrator is connected, otherwise in its next session. It counts as delivered with the next frame of the session in which it was sent; until then each new session receives it again under the same id. Access: operator, or an API token with the scope operate, or the orchestrator itself.
         */
        post: operations["postInternalOrchestratorsByOrchestratorIdMessages"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/internal/messages": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Messages of all orchestrators
         * @description Newest first. Those of independent orchestrators are hidden unless `include_independent` is true. Access: viewer, or an API token with the scope read.
         */
        get: operations["getInternalMessages"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/internal/messages/{message_id}/status": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /**
         * Accept or dismiss a message
         * @description A decision is final: repeating it only sends it to the orchestrator again, and the other one is refused. Access: operator, or an API token with the scope operate, or the orchestrator itself.
         */
        put: operations["putInternalMessagesByMessageIdStatus"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/controller/overview": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Totals
         * @description Totals. Access: viewer, or an API token with the scope read.
         */
        get: operations["getControllerOverview"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/controller/costs": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Costs
         * @description From the usage reports of orchestrators: days and hours begin in UTC, and a report is spread evenly over its window. At most 1000 points. A CSV file is RFC 4180 in UTF-8 with a byte order mark and a header. Its last line says whether everything is in it: `# complete: 12 of 12 rows`, or `# cut: 10000 of 10001 rows`; a file without that line broke off. `X-Total-Count`, `X-Export-Complete` and the file name (`…-partial.csv`) say the same. An apostrophe stands before what a spreadsheet would take for a formula: `=`, `+`, `-`, `@` and their full-width forms, at the start of a text and after a semicolon, tab or line break in it. Invisible characters are written as `\u200b`. Access: viewer, or an API token with the scope read.
         */
        get: operations["getControllerCosts"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/controller/attention": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * What needs a person
         * @description What needs a person. Access: viewer, or an API token with the scope read.
         */
        get: operations["getControllerAttention"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/controller/activity": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Recent activity of the fleet
         * @description The events of the stream, newest first. Each shard keeps its last 5,000 changes; when it is full, only organizations with more than their share lose their oldest. Repeats within 10 minutes are one entry with a count. Access: viewer, or an API token with the scope read.
         */
        get: operations["getControllerActivity"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/controller/audit/facets": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Actions and actors of the audit log
         * @description Actions and actors of the audit log. Access: admin, or an API token with the scope admin.
         */
        get: operations["getControllerAuditFacets"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/controller/audit": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Audit log
         * @description Newest first: changes, logins and refusals. With `format=csv` all matches, at most the newest 10000. A CSV file is RFC 4180 in UTF-8 with a byte order mark and a header. Its last line says whether everything is in it: `# complete: 12 of 12 rows`, or `# cut: 10000 of 10001 rows`; a file without that line broke off. `X-Total-Count`, `X-Export-Complete` and the file name (`…-partial.csv`) say the same. An apostrophe stands before what a spreadsheet would take for a formula: `=`, `+`, `-`, `@` and their full-width forms, at the start of a text and after a semicolon, tab or line break in it. Invisible characters are written as `\u200b`. Access: admin, or an API token with the scope admin.
         */
        get: operations["getControllerAudit"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/controller/users": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List users
         * @description Sorted by name. A caller bound to organizations sees the users who share one of them. Access: admin.
         */
        get: operations["getControllerUsers"];
        put?: never;
        /**
         * Create a user
         * @description Without a password: make an invite link next. Nobody gives a role above their own, or organizations beyond their own. Access: admin.
         */
        post: operations["postControllerUsers"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/controller/users/{user_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /**
         * Change what a user may do
         * @description Acts at once on open sessions and streams, and ends the API and join tokens that this person made and could not make any more. The last active superadmin can be neither deactivated nor demoted. Role and organizations of somebody who logs in with single sign-on come from there. Access: admin.
         */
        put: operations["putControllerUsersByUserId"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/controller/users/{user_id}/links": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Create a link to set a password
         * @description Valid once and for 24 hours; it ends every earlier link. Hand it over yourself, because no mail is sent. The secret follows the `#`, which browsers send to nobody. Access: admin.
         */
        post: operations["postControllerUsersByUserIdLinks"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/controller/users/{user_id}/end-sessions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * End all sessions of a user
         * @description End all sessions of a user. Access: admin.
         */
        post: operations["postControllerUsersByUserIdEndSessions"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/controller/login-throttles": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List names and addresses that cannot log in at the moment
         * @description After 5 failed attempts in 15 minutes a name is locked out at an address (after 30 where it has logged in before). After 20 at an address further attempts from there have to wait. A caller bound to organizations sees the people who share one of them. Access: admin.
         */
        get: operations["getControllerLoginThrottles"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/controller/login-throttles/lift": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Lift a login throttle
         * @description Forgets the failed attempts of a name at an address; without a name, of all names there. Access: admin.
         */
        post: operations["postControllerLoginThrottlesLift"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/controller/api-tokens": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List API tokens
         * @description Newest first. A caller bound to organizations sees only tokens within them. Access: admin.
         */
        get: operations["getControllerApiTokens"];
        put?: never;
        /**
         * Create an API token
         * @description Only this answer contains the token. It ends when its maker may not make it any more. Access: admin.
         */
        post: operations["postControllerApiTokens"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/controller/api-tokens/{key_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /**
         * Revoke an API token
         * @description Takes effect at once: streams opened with it are closed with 4401, and join tokens that it made end with it. Access: admin.
         */
        delete: operations["deleteControllerApiTokensByKeyId"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/internal/logs": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Controller log
         * @description Newest first, from the last 2,000 lines. Equal lines within an interval and repeats within 10 minutes are one entry with a count. When the log is full, each organization keeps its share, and within it each orchestrator. Access: viewer, or an API token with the scope read.
         */
        get: operations["getInternalLogs"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/controller/logs": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Controller log for the dashboard
         * @description Newest first, from the last 2,000 lines. Equal lines within an interval and repeats within 10 minutes are one entry with a count. When the log is full, each organization keeps its share, and within it each orchestrator. Access: viewer, or an API token with the scope read.
         */
        get: operations["getControllerLogs"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/stream": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Follow the fleet live
         * @description A WebSocket of one shard of the fleet. It starts with `hello`, which contains the number of shards; open the others too. Then come a `snapshot` in chunks, or what was missed since `cursor`, and `delta` frames from there on. Frames: docs/reference.md. A session cookie needs an `Origin` that is this host or allowed; other systems send a bearer token. A credential in the query is refused. Access: viewer, or an API token with the scope read.
         */
        get: operations["getStream"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
}
export type webhooks = Record<string, never>;
export interface components {
    schemas: {
        /** @description Health for load balancers */
        ServiceHealth: {
            /** @enum {string} */
            status: "healthy" | "degraded";
            /** @enum {string} */
            service: "controller";
            version: string;
            /**
             * @description Which of the two builds runs
             * @enum {string}
             */
            build: "production" | "development";
            components: {
                /** @enum {string} */
                database: "connected" | "disconnected";
                /** @enum {string} */
                configuration: "ok" | "error";
            };
            /**
             * Format: date-time
             * @description When all of the scheduled work last succeeded, at most 10 s old; null: not yet, or not known
             * @example 2025-10-28T19:00:24.185Z
             */
            scheduled_at: string | null;
            /**
             * Format: date-time
             * @description ISO 8601, UTC
             * @example 2025-10-28T19:00:24.185Z
             */
            timestamp: string;
        };
        /** @description Every answer that is not a success */
        Error: {
            /** @enum {boolean} */
            success: false;
            /** @description What went wrong, for people */
            message: string;
            error: {
                /**
                 * @description What went wrong, for programs
                 * @enum {string}
                 */
                code: "invalid_json" | "unauthorized" | "invalid_credentials" | "forbidden" | "csrf_rejected" | "origin_rejected" | "host_rejected" | "https_required" | "not_found" | "method_not_allowed" | "already_exists" | "not_connected" | "independent" | "invalid_transition" | "version_conflict" | "session_changed" | "last_superadmin" | "sso_decides" | "payload_too_large" | "unsupported_media_type" | "validation_failed" | "upgrade_required" | "rate_limited" | "quota_exceeded" | "internal_error" | "database_unavailable" | "config_error" | "build_mismatch" | "overloaded";
                /** @description The X-Request-Id of this response */
                request_id: string;
                details: components["schemas"]["ErrorDetail"][];
                /** @description Always there with `database_unavailable`, and with any other error after part of a change is kept. `true`: the change is kept and will be finished without another request. `false`: the controller does not go on with it, so send it again. When the database was lost in the middle of a statement, that statement may have taken effect all the same. Absent: the change was refused, or nobody knows */
                accepted?: boolean;
                /** @description With `version_conflict`: the stored state, which is not the one that the edit expected */
                current?: {
                    [key: string]: unknown;
                };
            };
        };
        /** @description One problem of the request */
        ErrorDetail: {
            /**
             * @description The place in the request, as a JSON pointer
             * @example /body/name
             */
            path: string;
            /** @example too_big */
            code: string;
            message: string;
        };
        /** @description Health of the controller and its database */
        ControllerHealth: {
            /** @enum {string} */
            status: "up" | "degraded";
            /** @enum {string} */
            service: "controller";
            version: string;
            /** @enum {string} */
            database: "up" | "down";
            dependencies: {
                /** @enum {string} */
                database: "present" | "down";
                /** @enum {string} */
                config: "healthy";
            };
            /**
             * Format: date-time
             * @description ISO 8601, UTC
             * @example 2025-10-28T19:00:24.185Z
             */
            timestamp: string;
        };
        /** @description How many orchestrators are connected */
        SocketHealth: {
            /** @enum {boolean} */
            success: true;
            message: string;
            /** @enum {string} */
            status: "healthy";
            ws: {
                /**
                 * @description down: no orchestrator is connected
                 * @enum {string}
                 */
                status: "ok" | "down";
                active_connections: number;
            };
            /**
             * Format: date-time
             * @description ISO 8601, UTC
             * @example 2025-10-28T19:00:24.185Z
             */
            timestamp: string;
        };
        /** @description The session that was opened */
        LoginAnswer: {
            /** @enum {boolean} */
            success: true;
            message: string;
            user: {
                username: string;
                /**
                 * @description The role of a person; each includes the previous ones
                 * @enum {string}
                 */
                role: "viewer" | "operator" | "admin" | "superadmin";
                /** @description Bearer token of the session; browsers get a cookie instead */
                token?: string;
            };
            /**
             * Format: date-time
             * @description ISO 8601, UTC
             * @example 2025-10-28T19:00:24.185Z
             */
            expires_at: string;
        };
        /** @description Name and password of a user */
        Login: {
            username: string;
            password: string;
        };
        /** @description The token with which a wall screen is logged in */
        TokenSession: {
            /** @description A read-only API token that expires: `mct_…` */
            token: string;
        };
        /** @description Who is calling */
        Me: {
            /** @enum {boolean} */
            success: true;
            message: string;
            user: {
                username: string;
                /**
                 * @description The role of a person; each includes the previous ones
                 * @enum {string}
                 */
                role: "viewer" | "operator" | "admin" | "superadmin";
                /** @description Bound to these organizations only, as far as the caller may see them; null: sees all */
                organizations: string[] | null;
            };
            /**
             * @description How the session was opened; `token`: that of a wall screen
             * @enum {string}
             */
            method: "password" | "sso" | "token";
            /** @description true: a wall screen, logged in with a read-only token */
            is_screen: boolean;
            /** @enum {string} */
            mode: "development" | "production";
        };
        /** @description The number of other sessions and of API and join tokens that were ended */
        PasswordChanged: {
            /** @enum {boolean} */
            success: true;
            message: string;
            ended: number;
            ended_tokens: number;
        };
        /** @description The current password and the new one */
        PasswordChange: {
            current: string;
            /** @description At least 15 characters, at most 256 bytes, and hard to guess: 422 says why it is not */
            new: string;
            /**
             * @description Also end the API tokens, join tokens and links to set a password that the caller has made
             * @default true
             */
            end_tokens: boolean;
        };
        /** @description A one-time link, and the password to set */
        AcceptLink: {
            /** @description What follows the `#` in the link: `mcl_…` */
            token: string;
            /** @description At least 15 characters, at most 256 bytes, and hard to guess: 422 says why it is not */
            password: string;
        };
        /** @description How people log in here */
        LoginMethods: {
            /** @enum {boolean} */
            success: true;
            message: string;
            /**
             * @description Who can log in with a password
             * @enum {string}
             */
            password: "everyone" | "superadmins";
            /** @description Single sign-on; null: it is not set up */
            sso: {
                /** @description What the button says */
                button: string;
                /** @description Where a browser goes to log in; `?next=` names the page to open after it */
                start: string;
            } | null;
        };
        /** @description An orchestrator with an open WebSocket */
        LiveOrchestrator: {
            /**
             * @description Orchestrator id
             * @example org-002
             */
            orchestrator_id: string;
            /**
             * @description Organization id
             * @example org-002
             */
            organization_id: string;
            name: string;
            location: string | null;
            /** @description The orchestrator's own value; it does not change a value that somebody has set */
            reported_name: string | null;
            /** @description The orchestrator's own value; it does not change a value that somebody has set */
            reported_location: string | null;
            /** @enum {string} */
            status: "connected";
            /** @enum {boolean} */
            connected: true;
            /** @description Connected, but silent for a TTL: a frame sent there may reach nobody. After another TTL the socket is closed */
            silent: boolean;
            /** @description Two live machines use this id: the data may be from either, and one of them is refused */
            contested: boolean;
            /** @enum {string} */
            health_status: "healthy" | "degraded" | "unhealthy" | "unknown";
            is_independent: boolean;
            privacy_mode: boolean;
            /** @description The revision that `config_state` is about */
            config_revision: number;
            /** @enum {string} */
            config_state: "none" | "queued" | "sent" | "applying" | "applied" | "unconfirmed" | "drifted" | "failed";
            config_error: string | null;
            /**
             * Format: date-time
             * @description Since when it has been in `config_state`; null: unknown
             * @example 2025-10-28T19:00:24.185Z
             */
            config_since: string | null;
            /** @description The revision that it last reported as applied; null: none */
            config_running_revision: number | null;
            /**
             * Format: date-time
             * @description The last counted heartbeat
             * @example 2025-10-28T19:00:24.185Z
             */
            last_seen: string | null;
            /**
             * Format: date-time
             * @description Last frame other than a heartbeat
             * @example 2025-10-28T19:00:24.185Z
             */
            last_activity: string | null;
            /** @description Generation, epoch and sequence number of this view of the presence. Of two views the greater one is the newer. null: only the database was read, which does not know whether a WebSocket is open */
            presence_version: number[] | null;
            /**
             * Format: date-time
             * @description ISO 8601, UTC
             * @example 2025-10-28T19:00:24.185Z
             */
            connected_at: string | null;
            /** @description Free JSON object */
            features: {
                [key: string]: unknown;
            };
            /** @description version, hostname, features and any other reported field */
            metadata: {
                [key: string]: unknown;
            };
        };
        /** @description Sorted by id, without unknown and invisible ones */
        Heartbeats: {
            /** @description Suggested seconds between two heartbeats */
            heartbeat_interval_sec: number;
            /** @description Seconds without a frame or heartbeat after which an orchestrator is inactive */
            heartbeat_ttl_sec: number;
            orchestrators: {
                /** @description The minutes of the last hour that had a heartbeat, oldest first */
                minutes: {
                    /**
                     * Format: date-time
                     * @description ISO 8601, UTC
                     * @example 2025-10-28T19:00:24.185Z
                     */
                    minute: string;
                    processed: number;
                    /** @description Arrived while the orchestrator was independent: acknowledged and not recorded */
                    ignored: number;
                }[];
                /** @description The last 20 */
                recent: {
                    /**
                     * Format: date-time
                     * @description ISO 8601, UTC
                     * @example 2025-10-28T19:00:24.185Z
                     */
                    timestamp: string;
                    ignored: boolean;
                }[];
                /**
                 * @description Orchestrator id
                 * @example org-002
                 */
                orchestrator_id: string;
                /**
                 * @description Organization id
                 * @example org-002
                 */
                organization_id: string;
                /** @enum {string} */
                status: "active" | "inactive" | "independent";
                connected: boolean;
                /**
                 * Format: date-time
                 * @description ISO 8601, UTC
                 * @example 2025-10-28T19:00:24.185Z
                 */
                connected_at: string | null;
                is_independent: boolean;
                /**
                 * Format: date-time
                 * @description When its object was created
                 * @example 2025-10-28T19:00:24.185Z
                 */
                registered_at: string;
                /**
                 * Format: date-time
                 * @description ISO 8601, UTC
                 * @example 2025-10-28T19:00:24.185Z
                 */
                last_seen: string | null;
            }[];
        };
        /** @description An organization that has no orchestrator yet */
        NewOrganization: {
            /**
             * @description Organization id
             * @example org-002
             */
            org_id?: string | null;
            /**
             * @description Another spelling of `org_id`
             * @example org-002
             */
            organization_id?: string | null;
            /** @description The id when absent */
            name?: string;
            location?: string;
            /** @description Published as the first configuration */
            features?: {
                [key: string]: unknown;
            } | null;
            /** @description Free JSON object */
            settings?: {
                [key: string]: unknown;
            } | null;
            /** @description Free JSON object */
            metadata?: {
                [key: string]: unknown;
            };
        };
        /** @description An organization and the state that follows from its orchestrators */
        Organization: {
            /**
             * @description Organization id
             * @example org-002
             */
            organization_id: string;
            /** @description As a person or a registration has set it; otherwise as its one orchestrator reports it, or the id */
            name: string;
            location: string | null;
            /** @description What the one orchestrator of an organization of the same id calls itself; it changes nothing that was set */
            reported_name: string | null;
            reported_location: string | null;
            /** @description Rises with each change of name, location or metadata by a person or a registration; also the ETag */
            edit_version: number;
            /**
             * @description Follows from the organization's orchestrators
             * @enum {string}
             */
            status: "active" | "inactive" | "independent";
            /** @description Created over this interface, or one of its orchestrators has connected at least once */
            is_active: boolean;
            is_independent: boolean;
            /** @description Free JSON object */
            features: {
                [key: string]: unknown;
            };
            /** @description What its one orchestrator reports, and over it what was set here */
            metadata: {
                [key: string]: unknown;
            };
            /** @description Free JSON object */
            settings: {
                [key: string]: unknown;
            };
            /**
             * Format: date-time
             * @description The newest of its orchestrators
             * @example 2025-10-28T19:00:24.185Z
             */
            last_seen: string | null;
            /** @description How many it has */
            orchestrators: number;
            active_orchestrators: number;
            /** @description The first 5, by id */
            orchestrator_ids: string[];
            /**
             * @description The worst of its orchestrators, from unhealthy over degraded and unknown to healthy; null: it has none
             * @enum {string|null}
             */
            worst_health: "healthy" | "degraded" | "unhealthy" | "unknown" | null;
            /**
             * @description The most urgent of its orchestrators: failed, applying, queued, sent, applied, none
             * @enum {string}
             */
            config_state: "none" | "queued" | "sent" | "applying" | "applied" | "unconfirmed" | "drifted" | "failed";
            /** @description Of its orchestrators; null: unknown, or they differ */
            version: string | null;
            /** @description How many different versions its orchestrators have */
            versions: number;
            /** @description Without independent orchestrators */
            pending_messages: number;
            /**
             * Format: date-time
             * @description ISO 8601, UTC
             * @example 2025-10-28T19:00:24.185Z
             */
            created_at: string;
            /**
             * Format: date-time
             * @description ISO 8601, UTC
             * @example 2025-10-28T19:00:24.185Z
             */
            updated_at: string;
        };
        /** @description How many organizations each value of a filter would give: every filter counts but the facet's own */
        OrganizationFacets: {
            /** @description Organizations that match every filter, as in the list */
            total: number;
            status: {
                active?: number;
                inactive?: number;
                independent?: number;
            };
            /** @description Organizations with an orchestrator of this health */
            health: {
                healthy?: number;
                degraded?: number;
                unhealthy?: number;
                unknown?: number;
            };
            /** @description Organizations with an orchestrator in this state */
            config: {
                none?: number;
                queued?: number;
                sent?: number;
                applying?: number;
                applied?: number;
                unconfirmed?: number;
                drifted?: number;
                failed?: number;
            };
            /** @description The 20 most frequent */
            location: {
                value: string;
                count: number;
            }[];
            /** @description The 20 most frequent versions of orchestrators */
            version: {
                value: string;
                count: number;
            }[];
        };
        /** @description An organization and all its orchestrators, by id */
        OrganizationIds: {
            /**
             * @description Organization id
             * @example org-002
             */
            organization_id: string;
            orchestrator_ids: string[];
        };
        /** @description Absent: unchanged. What is set here stays, whatever an orchestrator reports; the one orchestrator of an organization of the same id receives its name and location */
        OrganizationChange: {
            name?: string;
            /** @description null: none */
            location?: string | null;
            /** @description Merged per top-level key, as features are; null removes what was set under a key */
            metadata?: {
                [key: string]: unknown;
            };
            /** @description The version that the edit was made from: 409 if another one is stored. Absent: any */
            expected_version?: number;
        };
        /** @description What goes when the organization is deleted; usage and audit stay */
        OrganizationImpact: {
            /**
             * @description Organization id
             * @example org-002
             */
            organization_id: string;
            name: string;
            orchestrators: number;
            /** @description Whose WebSockets are closed */
            connected_orchestrators: number;
            messages: number;
            /** @description Of these, not decided yet */
            pending_messages: number;
            config_revisions: number;
        };
        /** @description What went with the organization */
        DeletedOrganization: {
            /**
             * @description Organization id
             * @example org-002
             */
            organization_id: string;
            /** @description How many were deregistered */
            orchestrators: number;
            messages: number;
            closed_connections: number;
        };
        /** @description The features in force */
        PublishedFeatures: {
            /**
             * @description Organization id
             * @example org-002
             */
            organization_id: string;
            /** @description Free JSON object */
            features: {
                [key: string]: unknown;
            };
            /** @description Rises with every change; 0: nothing was published yet */
            revision: number;
            /** @description SHA-256 over features, settings and policies; empty for revision 0 */
            hash: string;
        };
        /** @description Merged into the stored features per top-level key */
        Features: {
            /** @description Free JSON object */
            features: {
                [key: string]: unknown;
            };
            /** @description Refuse when another revision is stored */
            expected_revision?: number;
        };
        /** @description The configuration in force, and its state at each orchestrator */
        ConfigurationDetail: {
            /**
             * @description Organization id
             * @example org-002
             */
            organization_id: string;
            /** @description Free JSON object */
            features: {
                [key: string]: unknown;
            };
            /** @description Free JSON object */
            settings: {
                [key: string]: unknown;
            };
            /** @description Free JSON object */
            policies: {
                [key: string]: unknown;
            };
            /** @description Rises with every change; 0: nothing was published yet */
            revision: number;
            /** @description SHA-256 over features, settings and policies; empty for revision 0 */
            hash: string;
            /** @description By id, at most the first 1,000 */
            orchestrators: components["schemas"]["ConfigurationState"][];
            total_orchestrators: number;
            /**
             * Format: date-time
             * @description When this revision was published
             * @example 2025-10-28T19:00:24.185Z
             */
            updated_at: string | null;
            updated_by: string | null;
        };
        /** @description The state of the configuration at one orchestrator */
        ConfigurationState: {
            /**
             * @description Orchestrator id
             * @example org-002
             */
            orchestrator_id: string;
            /** @enum {string} */
            status: "active" | "inactive" | "independent";
            connected: boolean;
            /** @description The revision that `state` is about */
            revision: number;
            /**
             * @description queued: sent with its next frame or handshake, or when independence ends. sent: sent; it has not confirmed. applying, applied, failed: the last report of its session. unconfirmed: an earlier session reported applying or applied; this one has reported nothing, or there is none. drifted: it says that it runs another revision
             * @enum {string}
             */
            state: "none" | "queued" | "sent" | "applying" | "applied" | "unconfirmed" | "drifted" | "failed";
            error: string | null;
            /**
             * Format: date-time
             * @description Since when it has been in `state`; null: unknown
             * @example 2025-10-28T19:00:24.185Z
             */
            since: string | null;
            /** @description The revision that it last reported as applied; null: none */
            running_revision: number | null;
        };
        /** @description The configuration in force */
        PublishedConfiguration: {
            /**
             * @description Organization id
             * @example org-002
             */
            organization_id: string;
            /** @description Free JSON object */
            features: {
                [key: string]: unknown;
            };
            /** @description Free JSON object */
            settings: {
                [key: string]: unknown;
            };
            /** @description Free JSON object */
            policies: {
                [key: string]: unknown;
            };
            /** @description Rises with every change; 0: nothing was published yet */
            revision: number;
            /** @description SHA-256 over features, settings and policies; empty for revision 0 */
            hash: string;
        };
        /** @description Each given part replaces the stored one; the others stay */
        Configuration: {
            /** @description Free JSON object */
            features?: {
                [key: string]: unknown;
            };
            /** @description Free JSON object */
            settings?: {
                [key: string]: unknown;
            };
            /** @description Free JSON object */
            policies?: {
                [key: string]: unknown;
            };
            /** @description Refuse when another revision is stored */
            expected_revision?: number;
        };
        /** @description A frame for one connected orchestrator; it is not stored */
        Frame: {
            /** @example provision_config */
            type: string;
            /** @description Free JSON object */
            data?: {
                [key: string]: unknown;
            };
        };
        /** @description A configuration that was published */
        ConfigurationRevision: {
            /** @description Rises with every change; 0: nothing was published yet */
            revision: number;
            /** @description SHA-256 over features, settings and policies; empty for revision 0 */
            hash: string;
            /**
             * Format: date-time
             * @description ISO 8601, UTC
             * @example 2025-10-28T19:00:24.185Z
             */
            created_at: string;
            /** @example user:superadmin */
            created_by: string;
            /** @description The one in force */
            is_current: boolean;
        };
        /** @description A configuration that was published, with its content */
        ConfigurationRevisionDetail: {
            /** @description Rises with every change; 0: nothing was published yet */
            revision: number;
            /** @description SHA-256 over features, settings and policies; empty for revision 0 */
            hash: string;
            /**
             * Format: date-time
             * @description ISO 8601, UTC
             * @example 2025-10-28T19:00:24.185Z
             */
            created_at: string;
            /** @example user:superadmin */
            created_by: string;
            /** @description The one in force */
            is_current: boolean;
            /**
             * @description Organization id
             * @example org-002
             */
            organization_id: string;
            /** @description Free JSON object */
            features: {
                [key: string]: unknown;
            };
            /** @description Free JSON object */
            settings: {
                [key: string]: unknown;
            };
            /** @description Free JSON object */
            policies: {
                [key: string]: unknown;
            };
        };
        /** @description A registered orchestrator and its presence */
        Orchestrator: {
            /**
             * @description Orchestrator id
             * @example org-002
             */
            orchestrator_id: string;
            /**
             * @description Organization id
             * @example org-002
             */
            organization_id: string;
            organization_name: string | null;
            /** @description The value that somebody has set, else the reported one */
            name: string | null;
            location: string | null;
            /** @description The orchestrator's own value; it does not change a value that somebody has set */
            reported_name: string | null;
            /** @description The orchestrator's own value; it does not change a value that somebody has set */
            reported_location: string | null;
            /** @enum {string} */
            status: "active" | "inactive" | "independent";
            /** @description A WebSocket is open */
            connected: boolean;
            /** @description Connected, but silent for a TTL: a frame sent there may reach nobody. After another TTL the socket is closed */
            silent: boolean;
            /** @description Two live machines use this id: the data may be from either, and one of them is refused */
            contested: boolean;
            /** @enum {string} */
            health_status: "healthy" | "degraded" | "unhealthy" | "unknown";
            is_independent: boolean;
            privacy_mode: boolean;
            /** @description The revision that `config_state` is about */
            config_revision: number;
            /** @enum {string} */
            config_state: "none" | "queued" | "sent" | "applying" | "applied" | "unconfirmed" | "drifted" | "failed";
            config_error: string | null;
            /**
             * Format: date-time
             * @description Since when it has been in `config_state`; null: unknown
             * @example 2025-10-28T19:00:24.185Z
             */
            config_since: string | null;
            /** @description The revision that it last reported as applied; null: none */
            config_running_revision: number | null;
            /**
             * Format: date-time
             * @description The last counted heartbeat
             * @example 2025-10-28T19:00:24.185Z
             */
            last_seen: string | null;
            /**
             * Format: date-time
             * @description Last frame other than a heartbeat
             * @example 2025-10-28T19:00:24.185Z
             */
            last_activity: string | null;
            /** @description Generation, epoch and sequence number of this view of the presence. Of two views the greater one is the newer. null: only the database was read, which does not know whether a WebSocket is open */
            presence_version: number[] | null;
            monitoring_enabled: boolean;
            /** @description Free JSON object */
            features: {
                [key: string]: unknown;
            };
            /** @description Free JSON object */
            metadata: {
                [key: string]: unknown;
            };
            /** @description Free JSON object */
            session_config: {
                [key: string]: unknown;
            };
            internal_url: string | null;
            phoenix_endpoint: string | null;
            website: string | null;
            container_id: string | null;
            image_name: string | null;
            admin_email: string | null;
            support_email: string | null;
            database_url_set: boolean;
            redis_url_set: boolean;
            environment_variable_names: string[];
            /**
             * Format: date-time
             * @description ISO 8601, UTC
             * @example 2025-10-28T19:00:24.185Z
             */
            created_at: string;
            /**
             * Format: date-time
             * @description ISO 8601, UTC
             * @example 2025-10-28T19:00:24.185Z
             */
            updated_at: string;
        };
        /** @description A registered orchestrator in short */
        RegisteredOrchestrator: {
            /**
             * @description Orchestrator id
             * @example org-002
             */
            orchestrator_id: string;
            /**
             * @description Organization id
             * @example org-002
             */
            organization_id: string;
            /** @description The value that somebody has set, else the reported one */
            name: string | null;
            /** @enum {string} */
            status: "active" | "inactive" | "independent";
            /** @description A WebSocket is open */
            connected: boolean;
            /** @description Connected, but silent for a TTL: a frame sent there may reach nobody. After another TTL the socket is closed */
            silent: boolean;
            /** @description Two live machines use this id: the data may be from either, and one of them is refused */
            contested: boolean;
            /** @enum {string} */
            health_status: "healthy" | "degraded" | "unhealthy" | "unknown";
            is_independent: boolean;
            privacy_mode: boolean;
            /** @description The revision that `config_state` is about */
            config_revision: number;
            /** @enum {string} */
            config_state: "none" | "queued" | "sent" | "applying" | "applied" | "unconfirmed" | "drifted" | "failed";
            config_error: string | null;
            /**
             * Format: date-time
             * @description Since when it has been in `config_state`; null: unknown
             * @example 2025-10-28T19:00:24.185Z
             */
            config_since: string | null;
            /** @description The revision that it last reported as applied; null: none */
            config_running_revision: number | null;
            /**
             * Format: date-time
             * @description The last counted heartbeat
             * @example 2025-10-28T19:00:24.185Z
             */
            last_seen: string | null;
            /**
             * Format: date-time
             * @description Last frame other than a heartbeat
             * @example 2025-10-28T19:00:24.185Z
             */
            last_activity: string | null;
            /** @description Generation, epoch and sequence number of this view of the presence. Of two views the greater one is the newer. null: only the database was read, which does not know whether a WebSocket is open */
            presence_version: number[] | null;
            internal_url: string | null;
            /**
             * Format: date-time
             * @description ISO 8601, UTC
             * @example 2025-10-28T19:00:24.185Z
             */
            registered_at: string;
        };
        /** @description One orchestrator, exact to the last heartbeat */
        OrchestratorDetail: {
            /**
             * @description Orchestrator id
             * @example org-002
             */
            orchestrator_id: string;
            /**
             * @description Organization id
             * @example org-002
             */
            organization_id: string;
            organization_name: string | null;
            /** @description The value that somebody has set, else the reported one */
            name: string | null;
            location: string | null;
            /** @description The orchestrator's own value; it does not change a value that somebody has set */
            reported_name: string | null;
            /** @description The orchestrator's own value; it does not change a value that somebody has set */
            reported_location: string | null;
            /** @enum {string} */
            status: "active" | "inactive" | "independent";
            /** @description A WebSocket is open */
            connected: boolean;
            /** @description Connected, but silent for a TTL: a frame sent there may reach nobody. After another TTL the socket is closed */
            silent: boolean;
            /** @description Two live machines use this id: the data may be from either, and one of them is refused */
            contested: boolean;
            /** @enum {string} */
            health_status: "healthy" | "degraded" | "unhealthy" | "unknown";
            is_independent: boolean;
            privacy_mode: boolean;
            /** @description The revision that `config_state` is about */
            config_revision: number;
            /** @enum {string} */
            config_state: "none" | "queued" | "sent" | "applying" | "applied" | "unconfirmed" | "drifted" | "failed";
            config_error: string | null;
            /**
             * Format: date-time
             * @description Since when it has been in `config_state`; null: unknown
             * @example 2025-10-28T19:00:24.185Z
             */
            config_since: string | null;
            /** @description The revision that it last reported as applied; null: none */
            config_running_revision: number | null;
            /**
             * Format: date-time
             * @description The last counted heartbeat
             * @example 2025-10-28T19:00:24.185Z
             */
            last_seen: string | null;
            /**
             * Format: date-time
             * @description Last frame other than a heartbeat
             * @example 2025-10-28T19:00:24.185Z
             */
            last_activity: string | null;
            /** @description Generation, epoch and sequence number of this view of the presence. Of two views the greater one is the newer. null: only the database was read, which does not know whether a WebSocket is open */
            presence_version: number[] | null;
            monitoring_enabled: boolean;
            /** @description Free JSON object */
            features: {
                [key: string]: unknown;
            };
            /** @description Free JSON object */
            metadata: {
                [key: string]: unknown;
            };
            /** @description Free JSON object */
            session_config: {
                [key: string]: unknown;
            };
            internal_url: string | null;
            phoenix_endpoint: string | null;
            website: string | null;
            container_id: string | null;
            image_name: string | null;
            admin_email: string | null;
            support_email: string | null;
            database_url_set: boolean;
            redis_url_set: boolean;
            environment_variable_names: string[];
            /**
             * Format: date-time
             * @description ISO 8601, UTC
             * @example 2025-10-28T19:00:24.185Z
             */
            created_at: string;
            /**
             * Format: date-time
             * @description ISO 8601, UTC
             * @example 2025-10-28T19:00:24.185Z
             */
            updated_at: string;
            /**
             * Format: date-time
             * @description ISO 8601, UTC
             * @example 2025-10-28T19:00:24.185Z
             */
            connected_at: string | null;
            session: {
                /** @description Rises with every session of this orchestrator */
                epoch: number;
                id: string;
                /**
                 * Format: date-time
                 * @description ISO 8601, UTC
                 * @example 2025-10-28T19:00:24.185Z
                 */
                opened_at: string;
                /** @enum {string} */
                dialect: "handshake" | "register";
            } | null;
            /** @description As reported with the last heartbeat */
            metrics: {
                [key: string]: unknown;
            } | null;
            /** @description Values of its open or last session that could not be used. Null: none */
            dropped: {
                /** @description Values, in all */
                count: number;
                /** @description The first eight fields with such values */
                fields: string[];
                /** @description Of the last one */
                reason: string;
                /**
                 * Format: date-time
                 * @description ISO 8601, UTC
                 * @example 2025-10-28T19:00:24.185Z
                 */
                last_at: string;
            } | null;
            /** @description By how many milliseconds its clock is ahead of the controller's, by its last frame with a `timestamp`; negative when it is behind, null without such a frame. Nothing else depends on its clock */
            clock_offset_ms: number | null;
            /** @description The configuration of its last `o_config_snapshot`; secrets are masked */
            config_snapshot: {
                /**
                 * Format: date-time
                 * @description ISO 8601, UTC
                 * @example 2025-10-28T19:00:24.185Z
                 */
                received_at: string;
                /** @description Free JSON object */
                data: {
                    [key: string]: unknown;
                };
            } | null;
            /** @description At most 50 differences between its reports and the published configuration, since that was sent; the side without a value is absent. A feature that was never published is no difference. Secrets are masked */
            config_difference: {
                /** @example features.cache.enabled */
                path: string;
                published?: unknown;
                reported?: unknown;
            }[];
            /**
             * Format: date-time
             * @description When the compared values were reported; null: not since the configuration was sent
             * @example 2025-10-28T19:00:24.185Z
             */
            config_reported_at: string | null;
            beats: {
                /** @description The minutes of the last hour that had a heartbeat, oldest first */
                minutes: {
                    /**
                     * Format: date-time
                     * @description ISO 8601, UTC
                     * @example 2025-10-28T19:00:24.185Z
                     */
                    minute: string;
                    processed: number;
                    /** @description Arrived while the orchestrator was independent: acknowledged and not recorded */
                    ignored: number;
                }[];
                /** @description The last 20 */
                recent: {
                    /**
                     * Format: date-time
                     * @description ISO 8601, UTC
                     * @example 2025-10-28T19:00:24.185Z
                     */
                    timestamp: string;
                    ignored: boolean;
                }[];
            };
            /** @description Suggested seconds between two heartbeats */
            heartbeat_interval_sec: number;
            /**
             * Format: date-time
             * @description When its object was created
             * @example 2025-10-28T19:00:24.185Z
             */
            registered_at: string;
        };
        /** @description An event of one orchestrator */
        Activity: {
            /**
             * Format: date-time
             * @description ISO 8601, UTC
             * @example 2025-10-28T19:00:24.185Z
             */
            timestamp: string;
            /** @example keepalive */
            type: string;
            /** @description Free JSON object */
            data: {
                [key: string]: unknown;
            };
            /** @description How many it stands for; more than 1 for repeats, of which it is the last */
            count: number;
            /**
             * Format: date-time
             * @description When the first of them happened
             * @example 2025-10-28T19:00:24.185Z
             */
            first_at: string;
        };
        /** @description The orchestrator is registered */
        RegistrationAnswer: {
            /** @enum {boolean} */
            success: true;
            message: string;
            /**
             * @description Orchestrator id
             * @example org-002
             */
            orchestrator_id: string;
            /**
             * @description Organization id
             * @example org-002
             */
            organization_id: string;
            organization_name: string;
            /** @enum {string} */
            status: "active" | "inactive" | "independent";
            /** @description False when it was registered before */
            created: boolean;
            /**
             * @description The secret itself. Shown in this answer and never again
             * @example mca_org-002.…
             */
            agent_token?: string;
            /**
             * @description What `CONTROLLER_WS_URL` is set to: the address of this call, or `PUBLIC_URL`, with the token in it
             * @example wss://org-002:mca_org-002.…@controller.example.com/ws
             */
            connect_url?: string;
            /** @description Values of the request that could not be used as received; absent: none */
            dropped?: {
                /** @example metadata.version */
                path: string;
                reason: string;
            }[];
            /**
             * Format: date-time
             * @description ISO 8601, UTC
             * @example 2025-10-28T19:00:24.185Z
             */
            timestamp: string;
            independence_support: {
                /** @enum {boolean} */
                supported: true;
                endpoint: string;
            };
            controller_endpoints: {
                heartbeat: string;
                status: string;
                deregister: string;
                independence: string;
                websocket: string;
            };
            note: string;
        };
        /** @description At least one of the ids; each stands in for the other. Absent = unchanged */
        Registration: {
            /**
             * @description Orchestrator id
             * @example org-002
             */
            orchestrator_id?: string | null;
            /**
             * @description Organization id
             * @example org-002
             */
            organization_id?: string | null;
            /** @description true: the tokens of an orchestrator that was deregistered are valid again, in the organization that it was deregistered from, which is also the one it returns to when none is named. Elsewhere, or when none of them could be valid, it gets a new token */
            readmit?: boolean | null;
            name?: string;
            location?: string;
            internal_url?: string;
            /** @description Not stored: only that it is set */
            database_url?: string;
            /** @description Not stored: only that it is set */
            redis_url?: string;
            container_id?: string;
            image_name?: string;
            /** @description The names are stored, the values are not */
            environment_variables?: {
                [key: string]: string | number | boolean | null;
            };
            /** @description Free JSON object */
            features?: {
                [key: string]: unknown;
            };
            /** @description Free JSON object */
            metadata?: {
                [key: string]: unknown;
            };
            /** @description Free JSON object */
            session_config?: {
                [key: string]: unknown;
            };
            phoenix_endpoint?: string;
            admin_email?: string;
            support_email?: string;
            website?: string;
            monitoring_enabled?: boolean;
            /** @description What existing clients send for `monitoring_enabled` */
            monitoring?: {
                enabled?: boolean;
            };
        };
        /** @description At least one of the ids */
        Heartbeat: {
            /**
             * @description Orchestrator id
             * @example org-002
             */
            orchestrator_id?: string | null;
            /**
             * @description Organization id
             * @example org-002
             */
            organization_id?: string | null;
            status?: string;
            /** Format: date-time */
            timestamp?: string;
            /** @description Free JSON object */
            metrics?: {
                [key: string]: unknown;
            };
            /** @enum {string} */
            health_status?: "healthy" | "degraded" | "unhealthy" | "unknown";
            /** @description Free JSON object */
            features?: {
                [key: string]: unknown;
            };
        };
        /** @description A token of an orchestrator, without the secret */
        AgentToken: {
            /**
             * @description Orchestrator id
             * @example org-002
             */
            orchestrator_id: string;
            key_id: string;
            label: string | null;
            /**
             * Format: date-time
             * @description ISO 8601, UTC
             * @example 2025-10-28T19:00:24.185Z
             */
            created_at: string;
            /**
             * Format: date-time
             * @description ISO 8601, UTC
             * @example 2025-10-28T19:00:24.185Z
             */
            expires_at: string | null;
            created_by: string;
            /** @description Its maker could not make it now. It stays valid, because the orchestrator would stop with it */
            maker_ended: boolean;
            /**
             * Format: date-time
             * @description ISO 8601, UTC
             * @example 2025-10-28T19:00:24.185Z
             */
            revoked_at: string | null;
            /** @enum {string} */
            state: "valid" | "expired" | "revoked";
            /** @description The open WebSocket of the orchestrator uses it */
            connected: boolean;
        };
        /** @description A new token of an orchestrator */
        IssuedAgentToken: {
            /**
             * @description Orchestrator id
             * @example org-002
             */
            orchestrator_id: string;
            key_id: string;
            label: string | null;
            /**
             * Format: date-time
             * @description ISO 8601, UTC
             * @example 2025-10-28T19:00:24.185Z
             */
            created_at: string;
            /**
             * Format: date-time
             * @description ISO 8601, UTC
             * @example 2025-10-28T19:00:24.185Z
             */
            expires_at: string | null;
            /**
             * @description The secret itself. Shown in this answer and never again
             * @example mca_org-002.…
             */
            agent_token: string;
            /**
             * @description What `CONTROLLER_WS_URL` is set to: the address of this call, or `PUBLIC_URL`, with the token in it
             * @example wss://org-002:mca_org-002.…@controller.example.com/ws
             */
            connect_url: string;
        };
        /** @description A further token of an orchestrator */
        NewAgentToken: {
            /**
             * @description What people call it
             * @example prod-eu-1
             */
            label?: string | null;
            /**
             * Format: date-time
             * @description Absent or null: valid until it is revoked
             */
            expires_at?: string | null;
        };
        /** @description The request for the next token */
        TokenExchange: {
            /**
             * @description Absent: that of the presented token
             * @example prod-eu-1
             */
            label?: string | null;
            /**
             * @description How long the presented token stays valid beside the new one
             * @default 86400
             */
            overlap_sec: number;
        };
        /** @description A join token, without the secret */
        JoinToken: {
            key_id: string;
            /**
             * @description Organization id
             * @example org-002
             */
            organization_id: string;
            /**
             * @description Orchestrator id
             * @example org-002
             */
            orchestrator_id: string | null;
            label: string | null;
            max_uses: number;
            uses: number;
            created_by: string;
            /**
             * Format: date-time
             * @description ISO 8601, UTC
             * @example 2025-10-28T19:00:24.185Z
             */
            created_at: string;
            /**
             * Format: date-time
             * @description ISO 8601, UTC
             * @example 2025-10-28T19:00:24.185Z
             */
            expires_at: string;
            /**
             * Format: date-time
             * @description ISO 8601, UTC
             * @example 2025-10-28T19:00:24.185Z
             */
            revoked_at: string | null;
            /**
             * @description `maker_ended`: its maker could not make it any more, so nobody can join with it
             * @enum {string}
             */
            state: "valid" | "used" | "expired" | "revoked" | "maker_ended";
        };
        /** @description A new join token */
        IssuedJoinToken: {
            key_id: string;
            /**
             * @description Organization id
             * @example org-002
             */
            organization_id: string;
            /**
             * @description Orchestrator id
             * @example org-002
             */
            orchestrator_id: string | null;
            label: string | null;
            max_uses: number;
            uses: number;
            created_by: string;
            /**
             * Format: date-time
             * @description ISO 8601, UTC
             * @example 2025-10-28T19:00:24.185Z
             */
            created_at: string;
            /**
             * Format: date-time
             * @description ISO 8601, UTC
             * @example 2025-10-28T19:00:24.185Z
             */
            expires_at: string;
            /**
             * Format: date-time
             * @description ISO 8601, UTC
             * @example 2025-10-28T19:00:24.185Z
             */
            revoked_at: string | null;
            /**
             * @description `maker_ended`: its maker could not make it any more, so nobody can join with it
             * @enum {string}
             */
            state: "valid" | "used" | "expired" | "revoked" | "maker_ended";
            /** @description The secret itself. Shown in this answer and never again */
            join_token: string;
        };
        /** @description Lets orchestrators fetch a token of their own */
        NewJoinToken: {
            /**
             * @description What people call it
             * @example prod-eu-1
             */
            label?: string | null;
            /**
             * @description Only this orchestrator may join with it, even if it has a valid token. Absent: any of the organization
             * @example org-002
             */
            orchestrator_id?: string | null;
            /** @default 1 */
            max_uses: number;
            /**
             * Format: date-time
             * @description Absent: 7 days from now
             */
            expires_at?: string | null;
        };
        /** @description The orchestrator may connect with its token */
        JoinAnswer: {
            /** @enum {boolean} */
            success: true;
            message: string;
            /**
             * @description Orchestrator id
             * @example org-002
             */
            orchestrator_id: string;
            /**
             * @description Organization id
             * @example org-002
             */
            organization_id: string;
            /** @description False when it was registered before */
            created: boolean;
            key_id: string;
            /**
             * @description The secret itself. Shown in this answer and never again
             * @example mca_org-002.…
             */
            agent_token: string;
            /**
             * @description What `CONTROLLER_WS_URL` is set to: the address of this call, or `PUBLIC_URL`, with the token in it
             * @example wss://org-002:mca_org-002.…@controller.example.com/ws
             */
            connect_url: string;
            /** @description Values of the request that could not be used as received; absent: none */
            dropped?: {
                /** @example metadata.version */
                path: string;
                reason: string;
            }[];
            /**
             * Format: date-time
             * @description ISO 8601, UTC
             * @example 2025-10-28T19:00:24.185Z
             */
            timestamp: string;
        };
        /** @description Who joins. Absent = unchanged */
        Join: {
            /**
             * @description Orchestrator id
             * @example org-002
             */
            orchestrator_id: string;
            name?: string;
            location?: string;
            /** @description Free JSON object */
            metadata?: {
                [key: string]: unknown;
            };
        };
        /** @description An orchestrator of a new organization or of one that exists */
        NewInstance: {
            /**
             * @description Alone: the id of both
             * @example org-002
             */
            org_id?: string | null;
            /**
             * @description Orchestrator id
             * @example org-002
             */
            orchestrator_id?: string | null;
            /**
             * @description Another spelling of `org_id`
             * @example org-002
             */
            organization_id?: string | null;
            name?: string;
            location?: string;
            internal_url?: string;
            /** @description Not stored: only that it is set */
            database_url?: string;
            /** @description Not stored: only that it is set */
            redis_url?: string;
            container_id?: string;
            image_name?: string;
            /** @description The names are stored, the values are not */
            environment_variables?: {
                [key: string]: string | number | boolean | null;
            };
            /** @description Free JSON object */
            features?: {
                [key: string]: unknown;
            };
            /** @description Free JSON object */
            metadata?: {
                [key: string]: unknown;
            };
            /** @description Free JSON object */
            session_config?: {
                [key: string]: unknown;
            };
            phoenix_endpoint?: string;
            admin_email?: string;
            support_email?: string;
            website?: string;
            monitoring_enabled?: boolean;
            /** @description What existing clients send for `monitoring_enabled` */
            monitoring?: {
                enabled?: boolean;
            };
        };
        /** @description The independence mode in force */
        IndependenceAnswer: {
            /** @enum {boolean} */
            success: true;
            message: string;
            /**
             * @description Orchestrator id
             * @example org-002
             */
            orchestrator_id: string;
            is_independent: boolean;
            privacy_mode: boolean;
            /** @enum {string} */
            status: "active" | "inactive" | "independent";
            /**
             * Format: date-time
             * @description Frozen while independent
             * @example 2025-10-28T19:00:24.185Z
             */
            last_seen: string | null;
        };
        /** @description Independence mode and privacy mode of one orchestrator */
        Independence: {
            is_independent: boolean;
            /** @description Absent: unchanged */
            privacy_mode?: boolean;
        };
        /** @description The message is stored */
        CreatedMessage: {
            /** @enum {boolean} */
            success: true;
            message: string;
            message_id: string;
            /**
             * @description Orchestrator id
             * @example org-002
             */
            orchestrator_id: string;
            /** @enum {string} */
            message_type: "recommendation" | "monitoring";
            /** @enum {string} */
            direction: "inbound" | "outbound";
            /** @enum {string} */
            status: "pending" | "accepted" | "dismissed";
            /** @description True: sent over the open connection, which may be dead; see `delivery` */
            pushed: boolean;
            /**
             * @description sent: its next frame confirms it, or it is sent again in its next session; queued: it waits for the orchestrator
             * @enum {string}
             */
            delivery: "sent" | "queued";
            /** @description Nothing is delivered before the orchestrator sends a frame again */
            delivered_at: null;
            /**
             * Format: date-time
             * @description ISO 8601, UTC
             * @example 2025-10-28T19:00:24.185Z
             */
            created_at: string;
        };
        /** @description A recommendation or monitoring message for one orchestrator */
        NewMessage: {
            /**
             * @description Absent: monitoring
             * @enum {string|null}
             */
            message_type?: "recommendation" | "monitoring" | null;
            content: string;
            /** @description Free metadata of the message */
            metadata?: {
                [key: string]: unknown;
            } | null;
            /** @description Another spelling of `metadata` */
            message_metadata?: {
                [key: string]: unknown;
            } | null;
        };
        /** @description Messages of one orchestrator, newest first */
        OrchestratorMessages: {
            /** @enum {boolean} */
            success: true;
            message: string;
            /**
             * @description Orchestrator id
             * @example org-002
             */
            orchestrator_id: string;
            messages: components["schemas"]["Message"][];
            /** @description The same as `messages` */
            data: components["schemas"]["Message"][];
            /** @description Matches before the limit, on all pages */
            total_count: number;
            /** @description The effective limit */
            limit: number;
            /** @description Whether the requested limit was above the maximum */
            limit_capped: boolean;
            /** @description The cursor of the next page; null: this is the last */
            next_cursor: string | null;
            /** @description Entries in this answer */
            returned: number;
            /** @description Whether more entries match */
            truncated: boolean;
        };
        /** @description A message between the controller and one orchestrator */
        Message: {
            id: string;
            /**
             * @description Orchestrator id
             * @example org-002
             */
            orchestrator_id: string;
            orchestrator_name: string | null;
            /**
             * @description Organization id
             * @example org-002
             */
            organization_id: string;
            organization_name: string;
            /** @description Its orchestrator is, now */
            is_independent: boolean;
            /** @enum {string} */
            message_type: "recommendation" | "monitoring";
            /** @enum {string} */
            direction: "inbound" | "outbound";
            /** @description Secrets in content and metadata are masked, unless the orchestrator itself reads its messages */
            content: string;
            /** @description Free JSON object */
            metadata: {
                [key: string]: unknown;
            };
            /** @description The same as `metadata` */
            message_metadata: {
                [key: string]: unknown;
            };
            /** @enum {string} */
            status: "pending" | "accepted" | "dismissed";
            /**
             * Format: date-time
             * @description When a later frame of the orchestrator confirmed it, or when it reached the controller
             * @example 2025-10-28T19:00:24.185Z
             */
            delivered_at: string | null;
            decided_by: string | null;
            /**
             * Format: date-time
             * @description ISO 8601, UTC
             * @example 2025-10-28T19:00:24.185Z
             */
            decided_at: string | null;
            /**
             * Format: date-time
             * @description ISO 8601, UTC
             * @example 2025-10-28T19:00:24.185Z
             */
            created_at: string;
            /**
             * Format: date-time
             * @description ISO 8601, UTC
             * @example 2025-10-28T19:00:24.185Z
             */
            updated_at: string;
        };
        /** @description Messages, newest first */
        Messages: {
            /** @enum {boolean} */
            success: true;
            message: string;
            messages: components["schemas"]["Message"][];
            /** @description The same as `messages` */
            data: components["schemas"]["Message"][];
            /** @description Matches before the limit, on all pages */
            total_count: number;
            /** @description The effective limit */
            limit: number;
            /** @description Whether the requested limit was above the maximum */
            limit_capped: boolean;
            /** @description The cursor of the next page; null: this is the last */
            next_cursor: string | null;
            /** @description Entries in this answer */
            returned: number;
            /** @description Whether more entries match */
            truncated: boolean;
        };
        /** @description The decision in force */
        DecidedMessage: {
            /** @enum {boolean} */
            success: true;
            message: string;
            message_id: string;
            /** @enum {string} */
            status: "pending" | "accepted" | "dismissed";
            /**
             * @description Orchestrator id
             * @example org-002
             */
            orchestrator_id: string;
        };
        /** @description Accepts or dismisses a pending message */
        Decision: {
            /** @enum {string} */
            status: "accepted" | "dismissed";
        };
        /** @description Totals of everything the caller may see */
        Overview: {
            period: {
                /**
                 * Format: date-time
                 * @description ISO 8601, UTC
                 * @example 2025-10-28T19:00:24.185Z
                 */
                start: string;
                /**
                 * Format: date-time
                 * @description ISO 8601, UTC
                 * @example 2025-10-28T19:00:24.185Z
                 */
                end: string;
            };
            /**
             * Format: date-time
             * @description ISO 8601, UTC
             * @example 2025-10-28T19:00:24.185Z
             */
            start_date: string;
            /**
             * Format: date-time
             * @description ISO 8601, UTC
             * @example 2025-10-28T19:00:24.185Z
             */
            end_date: string;
            total_organizations: number;
            active_organizations: number;
            inactive_organizations: number;
            independent_organizations: number;
            total_orchestrators: number;
            active_orchestrators: number;
            inactive_orchestrators: number;
            independent_orchestrators: number;
            /** @description Users who may log in */
            total_users: number;
            /** @description Without independent orchestrators */
            pending_messages: number;
            /** @description US dollars in the period */
            total_cost: number;
            /**
             * @description US dollars, exact
             * @example 12.34500000
             */
            total_cost_usd: string;
            /** @description Requests to models in the period */
            total_requests: number;
            total_input_tokens: number;
            total_output_tokens: number;
            /** @description Percent of the orchestrators that are watched (not independent, connected at least once): active and healthy or of unknown health count 1, active and degraded ½, others 0. 100 when none is watched */
            system_health: number;
        };
        /** @description Costs from the usage that orchestrators reported, by hours (UTC) that begin in the period. A report is spread evenly over its window: each hour has its share by time, and adjoining periods add up to the whole */
        Costs: {
            period: {
                /**
                 * Format: date-time
                 * @description ISO 8601, UTC
                 * @example 2025-10-28T19:00:24.185Z
                 */
                start: string;
                /**
                 * Format: date-time
                 * @description ISO 8601, UTC
                 * @example 2025-10-28T19:00:24.185Z
                 */
                end: string;
            };
            /**
             * Format: date-time
             * @description ISO 8601, UTC
             * @example 2025-10-28T19:00:24.185Z
             */
            start_date: string;
            /**
             * Format: date-time
             * @description ISO 8601, UTC
             * @example 2025-10-28T19:00:24.185Z
             */
            end_date: string;
            /** @enum {string} */
            granularity: "hour" | "day" | "week" | "month";
            /** @enum {string} */
            group_by: "organization" | "orchestrator" | "model" | "provider";
            /** @description US dollars */
            total_cost: number;
            /**
             * @description US dollars, exact
             * @example 12.34500000
             */
            total_cost_usd: string;
            total_requests: number;
            total_input_tokens: number;
            total_output_tokens: number;
            /** @description The period of the same length just before, to compare with */
            previous: {
                /**
                 * Format: date-time
                 * @description ISO 8601, UTC
                 * @example 2025-10-28T19:00:24.185Z
                 */
                start_date: string;
                /**
                 * Format: date-time
                 * @description ISO 8601, UTC
                 * @example 2025-10-28T19:00:24.185Z
                 */
                end_date: string;
                /** @description US dollars */
                total_cost: number;
                /**
                 * @description US dollars, exact
                 * @example 12.34500000
                 */
                total_cost_usd: string;
                total_requests: number;
            };
            /** @description Without gaps, oldest first */
            history: components["schemas"]["CostPoint"][];
            /** @description The most expensive first */
            groups: {
                /** @description Organization or orchestrator id, model or provider; empty when it was not reported, which CSV says in words */
                key: string;
                /** @description US dollars */
                cost: number;
                /**
                 * @description US dollars, exact
                 * @example 12.34500000
                 */
                cost_usd: string;
                requests: number;
                input_tokens: number;
                output_tokens: number;
            }[];
            /** @description Forecast of the running month (UTC) at its rate so far: cost to date × length of the month ÷ time elapsed (at least one hour) */
            forecast: {
                /** @description US dollars */
                end_of_month_cost: number;
                /** @example 2025-10 */
                month: string;
                /** @description US dollars */
                month_to_date_cost: number;
                /** @enum {string} */
                method: "run_rate";
            } | null;
        };
        /** @description One point of the history; groups: the 20 that cost most in the period */
        CostPoint: {
            /**
             * @description Start of the hour, or the first day, UTC
             * @example 2025-10-28
             */
            date: string;
            /** @description US dollars */
            cost: number;
            /**
             * @description US dollars, exact
             * @example 12.34500000
             */
            cost_usd: string;
            requests: number;
            input_tokens: number;
            output_tokens: number;
            groups: {
                /** @description Organization or orchestrator id, model or provider; empty when it was not reported, which CSV says in words */
                key: string;
                /** @description US dollars */
                cost: number;
                /**
                 * @description US dollars, exact
                 * @example 12.34500000
                 */
                cost_usd: string;
                requests: number;
            }[];
        };
        /** @description What needs a person. duplicate_identity: two live machines use its id. refused: connections under this id are refused, within the last 10 minutes. lost: inactive, and seen within 24 h. long_lost: inactive, and seen longer ago; it stays until it is back or deregistered. never_connected: registered more than 10 minutes ago (`since`) and never heard of. config_failed: it refused its configuration. config_drifted: it says that it runs another revision. config_unconfirmed: it has been applying its configuration for more than 5 minutes. unhealthy, degraded: it says so of itself, and is active. messages: pending ones of one orchestrator, as severe as the `severity` in the metadata of the worst. Who is independent is muted, but for config_failed, refused and duplicate_identity */
        Attention: {
            /** @description Outages, then messages, then orchestrators that are long lost or never connected; within each the most severe first */
            items: {
                /** @enum {string} */
                kind: "duplicate_identity" | "lost" | "refused" | "config_failed" | "config_drifted" | "config_unconfirmed" | "unhealthy" | "degraded" | "messages" | "never_connected" | "long_lost";
                /** @enum {string} */
                severity: "low" | "medium" | "high" | "critical";
                /**
                 * @description null: the refused id is unknown
                 * @example org-002
                 */
                organization_id: string | null;
                organization_name: string | null;
                /**
                 * @description Orchestrator id
                 * @example org-002
                 */
                orchestrator_id: string;
                /** @description The name of the orchestrator, or its id */
                name: string;
                /**
                 * Format: date-time
                 * @description null: not known
                 * @example 2025-10-28T19:00:24.185Z
                 */
                since: string | null;
                /** @description The error of the configuration, or the start of the message */
                detail: string | null;
                /** @description For `messages`: the oldest of the most severe */
                message_id: string | null;
                /** @description For `messages` the number of pending ones; for `refused` and `duplicate_identity` the number of attempts; else 1 */
                count: number;
                /** @description Of `refused` and `duplicate_identity`; else null */
                refusal: {
                    /** @enum {string} */
                    reason: "duplicate_identity" | "wrong_token" | "wrong_id" | "bad_handshake" | "rate_limited" | "deregistered";
                    /** @description The source of the last attempt; null: unknown */
                    address: string | null;
                    /**
                     * Format: date-time
                     * @description The last attempt
                     * @example 2025-10-28T19:00:24.185Z
                     */
                    last_at: string;
                } | null;
            }[];
            /** @description Entries on all pages */
            total: number;
            /** @description The effective limit */
            limit: number;
            /** @description Whether the requested limit was above the maximum */
            limit_capped: boolean;
            /** @description Entries in this answer */
            returned: number;
            /** @description Whether more entries match */
            truncated: boolean;
            /** @description The cursor of the next page; null: this is the last */
            next_cursor: string | null;
            /** @description The number of entries of each kind, regardless of the filter */
            counts: {
                duplicate_identity?: number;
                lost?: number;
                refused?: number;
                config_failed?: number;
                config_drifted?: number;
                config_unconfirmed?: number;
                unhealthy?: number;
                degraded?: number;
                messages?: number;
                never_connected?: number;
                long_lost?: number;
            };
        };
        /** @description The newest events of the fleet, newest first, as far as the shards still keep them for the stream */
        FleetActivity: {
            items: {
                /** @description As in the stream; with the orchestrator's id it names the event */
                index: number;
                /**
                 * Format: date-time
                 * @description ISO 8601, UTC
                 * @example 2025-10-28T19:00:24.185Z
                 */
                at: string;
                /** @enum {string} */
                type: "registered" | "connected" | "disconnected" | "lost" | "health" | "independence" | "config" | "deregistered" | "message" | "message_decided";
                /**
                 * @description Orchestrator id
                 * @example org-002
                 */
                orchestrator_id: string;
                /**
                 * @description Organization id
                 * @example org-002
                 */
                organization_id: string;
                /** @description How many events it stands for; more than 1 for repeats, of which it is the last */
                count: number;
                /**
                 * Format: date-time
                 * @description When the first of them happened
                 * @example 2025-10-28T19:00:24.185Z
                 */
                first_at: string;
                /** @description How often each type */
                types: {
                    registered?: number;
                    connected?: number;
                    disconnected?: number;
                    lost?: number;
                    health?: number;
                    independence?: number;
                    config?: number;
                    deregistered?: number;
                    message?: number;
                    message_decided?: number;
                };
                /** @description A short text; never a message's content */
                detail: string | null;
            }[];
            /** @description The number of stored events; null: unknown for some seconds during a deploy */
            total: number | null;
            /** @description The effective limit */
            limit: number;
            /** @description Whether the requested limit was above the maximum */
            limit_capped: boolean;
            /** @description Entries in this answer */
            returned: number;
            /** @description Whether more entries match */
            truncated: boolean;
            /** @description The cursor of the next page; null: this is the last */
            next_cursor: string | null;
        };
        /** @description Actions and actors among the newest 10000 entries that match, the most frequent first; each is counted with every filter except its own */
        AuditFacets: {
            actions: {
                value: string;
                count: number;
            }[];
            actors: {
                value: string;
                count: number;
            }[];
        };
        /** @description A change, a login or a refusal; equal refusals of a minute carry a count */
        AuditEntry: {
            id: string;
            /**
             * Format: date-time
             * @description ISO 8601, UTC
             * @example 2025-10-28T19:00:24.185Z
             */
            at: string;
            /** @example user:superadmin */
            actor: string;
            /** @example orchestrator.independence */
            action: string;
            target_type: string;
            target_id: string;
            organization_id: string | null;
            /** @description Free JSON object */
            before: {
                [key: string]: unknown;
            } | null;
            /** @description Free JSON object */
            after: {
                [key: string]: unknown;
            } | null;
            ip: string | null;
            user_agent: string | null;
            request_id: string | null;
        };
        /** @description A user */
        User: {
            user_id: string;
            username: string;
            /**
             * @description The role of a person; each includes the previous ones
             * @enum {string}
             */
            role: "viewer" | "operator" | "admin" | "superadmin";
            /** @description Bound to these organizations only, as far as the caller may see them; null: sees all */
            organizations: string[] | null;
            /** @description May log in */
            is_active: boolean;
            /** @description false: invited, and has not set a password yet */
            has_password: boolean;
            /** @description Logs in with single sign-on, which sets role and organizations at each login; has no password */
            is_sso: boolean;
            /**
             * Format: date-time
             * @description ISO 8601, UTC
             * @example 2025-10-28T19:00:24.185Z
             */
            last_login: string | null;
            /**
             * Format: date-time
             * @description ISO 8601, UTC
             * @example 2025-10-28T19:00:24.185Z
             */
            created_at: string;
            /**
             * Format: date-time
             * @description ISO 8601, UTC
             * @example 2025-10-28T19:00:24.185Z
             */
            updated_at: string;
            /** @description Rises with each change; an edit sends it as `expected_version` */
            edit_version: number;
        };
        /** @description A user who can log in after setting a password with an invite link */
        NewUser: {
            username: string;
            /**
             * @description The role of a person; each includes the previous ones
             * @enum {string}
             */
            role: "viewer" | "operator" | "admin" | "superadmin";
            /** @description Bound to these organizations only; null: sees all. Absent: as the caller */
            organizations?: string[] | null;
        };
        /** @description The fields to change; absent fields stay */
        UserChange: {
            /**
             * @description The role of a person; each includes the previous ones
             * @enum {string}
             */
            role?: "viewer" | "operator" | "admin" | "superadmin";
            /** @description Absent: unchanged */
            organizations?: string[] | null;
            /** @description May log in */
            is_active?: boolean;
            /** @description The version that the edit was made from: 409 if another one is stored. Absent: any */
            expected_version?: number;
        };
        /** @description A one-time link to set a password */
        OneTimeLink: {
            /** @enum {string} */
            purpose: "invite" | "reset";
            /** @description Path and fragment at this controller. Only this answer contains it */
            link: string;
            /**
             * Format: date-time
             * @description ISO 8601, UTC
             * @example 2025-10-28T19:00:24.185Z
             */
            expires_at: string;
        };
        /** @description A one-time link to set a password */
        NewLink: {
            /**
             * @description What the link is for
             * @enum {string}
             */
            purpose: "invite" | "reset";
        };
        /** @description Active login throttles; the longest first */
        LoginThrottles: {
            items: {
                /** @description The locked name; null: every name has to wait at this address */
                username: string | null;
                /** @description From where; of IPv6 the network */
                address: string;
                /** @description Failed attempts in the last 15 minutes */
                failures: number;
                /**
                 * Format: date-time
                 * @description When it expires
                 * @example 2025-10-28T19:00:24.185Z
                 */
                until: string;
            }[];
        };
        /** @description A throttle from the list */
        LiftThrottle: {
            username: string | null;
            address: string;
        };
        /** @description A token of a program, without its secret */
        ApiToken: {
            key_id: string;
            name: string;
            scopes: ("read" | "operate" | "admin")[];
            /** @description Bound to these organizations only, as far as the caller may see them; null: sees all */
            organizations: string[] | null;
            /**
             * @description `maker_ended`: its maker could not make it any more, so it is refused
             * @enum {string}
             */
            state: "valid" | "expired" | "revoked" | "maker_ended";
            created_by: string;
            /**
             * Format: date-time
             * @description ISO 8601, UTC
             * @example 2025-10-28T19:00:24.185Z
             */
            created_at: string;
            /**
             * Format: date-time
             * @description ISO 8601, UTC
             * @example 2025-10-28T19:00:24.185Z
             */
            expires_at: string | null;
            /**
             * Format: date-time
             * @description To the minute
             * @example 2025-10-28T19:00:24.185Z
             */
            last_used_at: string | null;
            /**
             * Format: date-time
             * @description ISO 8601, UTC
             * @example 2025-10-28T19:00:24.185Z
             */
            revoked_at: string | null;
        };
        /** @description A token for a program */
        NewApiToken: {
            /**
             * @description A name for people
             * @example nightly export
             */
            name: string;
            /** @description Its scopes; each includes the previous ones */
            scopes: ("read" | "operate" | "admin")[];
            /** @description Bound to these organizations only; null: sees all. Absent: as the caller */
            organizations?: string[] | null;
            /**
             * Format: date-time
             * @description Absent: 90 days from now. null: it does not expire
             */
            expires_at?: string | null;
        };
        /** @description Controller log, newest first */
        Logs: {
            /** @enum {boolean} */
            success: true;
            message: string;
            logs: components["schemas"]["LogEntry"][];
            /** @description Matches, given or not */
            total_count: number;
            /** @description The effective limit */
            limit: number;
            /** @description Whether the requested limit was above the maximum */
            limit_capped: boolean;
            /** @description Entries in this answer */
            returned: number;
            /** @description Whether more entries match */
            truncated: boolean;
            /** @description The cursor of the next page; null: this is the last */
            next_cursor: string | null;
            data: {
                items: components["schemas"]["LogEntry"][];
                total: number;
            };
        };
        /** @description One line of the controller log */
        LogEntry: {
            /**
             * Format: date-time
             * @description ISO 8601, UTC
             * @example 2025-10-28T19:00:24.185Z
             */
            timestamp: string;
            /** @enum {string} */
            level: "DEBUG" | "INFO" | "WARNING" | "ERROR" | "CRITICAL";
            /** @example [C-OCS] Processing heartbeat from orchestrator org-002 */
            message: string;
            /**
             * Format: date-time
             * @description When the first of these lines was written
             * @example 2025-10-28T19:00:24.185Z
             */
            first_at: string;
            /** @description How many equal lines this one stands for */
            count: number;
            /**
             * @description Orchestrator id
             * @example org-002
             */
            orchestrator_id: string | null;
        };
    };
    responses: never;
    parameters: never;
    requestBodies: never;
    headers: never;
    pathItems: never;
}
export type $defs = Record<string, never>;
export interface operations {
    getHealth: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ServiceHealth"];
                };
            };
            /** @description Error codes: `unauthorized` */
            401: {
                headers: {
                    /** @description The scheme to use */
                    "WWW-Authenticate"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `host_rejected`, `https_required` */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `not_found` */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `validation_failed` */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `rate_limited` */
            429: {
                headers: {
                    /** @description Seconds after which to try again */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `internal_error` */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `config_error`, `build_mismatch`, `overloaded` */
            503: {
                headers: {
                    /** @description Seconds after which to try again */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    getControllerHealth: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ControllerHealth"];
                };
            };
            /** @description Error codes: `unauthorized` */
            401: {
                headers: {
                    /** @description The scheme to use */
                    "WWW-Authenticate"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `host_rejected`, `https_required`, `forbidden`, `csrf_rejected`, `origin_rejected` */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `not_found` */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `session_changed` */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `validation_failed` */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `rate_limited` */
            429: {
                headers: {
                    /** @description Seconds after which to try again */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `internal_error` */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `config_error`, `build_mismatch`, `overloaded` */
            503: {
                headers: {
                    /** @description Seconds after which to try again */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    getInternalHealth: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SocketHealth"];
                };
            };
            /** @description Error codes: `unauthorized` */
            401: {
                headers: {
                    /** @description The scheme to use */
                    "WWW-Authenticate"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `host_rejected`, `https_required`, `forbidden`, `csrf_rejected`, `origin_rejected` */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `not_found` */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `session_changed` */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `validation_failed` */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `rate_limited` */
            429: {
                headers: {
                    /** @description Seconds after which to try again */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `internal_error` */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `config_error`, `build_mismatch`, `overloaded` */
            503: {
                headers: {
                    /** @description Seconds after which to try again */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    postInternalAuthLogin: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Login"];
            };
        };
        responses: {
            /** @description Success */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["LoginAnswer"];
                };
            };
            /** @description Error codes: `invalid_json` */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `invalid_credentials`, `unauthorized` */
            401: {
                headers: {
                    /** @description The scheme to use */
                    "WWW-Authenticate"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `host_rejected`, `https_required`, `csrf_rejected`, `origin_rejected` */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `payload_too_large` */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `unsupported_media_type` */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `validation_failed` */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `rate_limited` */
            429: {
                headers: {
                    /** @description Seconds after which to try again */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `internal_error` */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `config_error`, `build_mismatch`, `overloaded`, `database_unavailable` */
            503: {
                headers: {
                    /** @description Seconds after which to try again */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    postInternalAuthTokenSession: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["TokenSession"];
            };
        };
        responses: {
            /** @description Success */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["LoginAnswer"];
                };
            };
            /** @description Error codes: `invalid_json` */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `invalid_credentials`, `unauthorized` */
            401: {
                headers: {
                    /** @description The scheme to use */
                    "WWW-Authenticate"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `host_rejected`, `https_required`, `csrf_rejected`, `origin_rejected` */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `payload_too_large` */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `unsupported_media_type` */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `validation_failed` */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `rate_limited` */
            429: {
                headers: {
                    /** @description Seconds after which to try again */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `internal_error` */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `config_error`, `build_mismatch`, `overloaded`, `database_unavailable` */
            503: {
                headers: {
                    /** @description Seconds after which to try again */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    postInternalAuthLogout: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @enum {boolean} */
                        success: true;
                        message: string;
                        /**
                         * @description How the session was opened; `token`: that of a wall screen
                         * @enum {string}
                         */
                        method: "password" | "sso" | "token";
                        /** @description With single sign-on: where the browser logs out at the provider too. null: there is nothing to do there, or the provider offers no such address */
                        end_session_url: string | null;
                    };
                };
            };
            /** @description Error codes: `unauthorized` */
            401: {
                headers: {
                    /** @description The scheme to use */
                    "WWW-Authenticate"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `host_rejected`, `https_required`, `forbidden`, `csrf_rejected`, `origin_rejected` */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `session_changed` */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `validation_failed` */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `rate_limited` */
            429: {
                headers: {
                    /** @description Seconds after which to try again */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `internal_error` */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `config_error`, `build_mismatch`, `overloaded` */
            503: {
                headers: {
                    /** @description Seconds after which to try again */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    postInternalAuthLogoutAll: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @enum {boolean} */
                        success: true;
                        message: string;
                        ended: number;
                        /**
                         * @description How the session was opened; `token`: that of a wall screen
                         * @enum {string}
                         */
                        method: "password" | "sso" | "token";
                        /** @description With single sign-on: where the browser logs out at the provider too. null: there is nothing to do there, or the provider offers no such address */
                        end_session_url: string | null;
                    };
                };
            };
            /** @description Error codes: `unauthorized` */
            401: {
                headers: {
                    /** @description The scheme to use */
                    "WWW-Authenticate"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `host_rejected`, `https_required`, `forbidden`, `csrf_rejected`, `origin_rejected` */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `session_changed` */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `validation_failed` */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `rate_limited` */
            429: {
                headers: {
                    /** @description Seconds after which to try again */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `internal_error` */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `config_error`, `build_mismatch`, `overloaded` */
            503: {
                headers: {
                    /** @description Seconds after which to try again */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    getInternalAuthMe: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Me"];
                };
            };
            /** @description Error codes: `unauthorized` */
            401: {
                headers: {
                    /** @description The scheme to use */
                    "WWW-Authenticate"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `host_rejected`, `https_required`, `forbidden`, `csrf_rejected`, `origin_rejected` */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `not_found` */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `session_changed` */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `validation_failed` */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `rate_limited` */
            429: {
                headers: {
                    /** @description Seconds after which to try again */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `internal_error` */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `config_error`, `build_mismatch`, `overloaded` */
            503: {
                headers: {
                    /** @description Seconds after which to try again */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    putInternalAuthPassword: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["PasswordChange"];
            };
        };
        responses: {
            /** @description Success */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PasswordChanged"];
                };
            };
            /** @description Error codes: `invalid_json` */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `invalid_credentials`, `unauthorized` */
            401: {
                headers: {
                    /** @description The scheme to use */
                    "WWW-Authenticate"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `host_rejected`, `https_required`, `forbidden`, `csrf_rejected`, `origin_rejected` */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `session_changed` */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `payload_too_large` */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `unsupported_media_type` */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `validation_failed` */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `rate_limited` */
            429: {
                headers: {
                    /** @description Seconds after which to try again */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `internal_error` */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `config_error`, `build_mismatch`, `overloaded`, `database_unavailable` */
            503: {
                headers: {
                    /** @description Seconds after which to try again */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    postInternalAuthAcceptLink: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["AcceptLink"];
            };
        };
        responses: {
            /** @description Success */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @enum {boolean} */
                        success: true;
                        message: string;
                        user: {
                            /** @description The name to log in with */
                            username: string;
                        };
                    };
                };
            };
            /** @description Error codes: `invalid_json` */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `invalid_credentials`, `unauthorized` */
            401: {
                headers: {
                    /** @description The scheme to use */
                    "WWW-Authenticate"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `host_rejected`, `https_required`, `csrf_rejected`, `origin_rejected` */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `payload_too_large` */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `unsupported_media_type` */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `validation_failed` */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `rate_limited` */
            429: {
                headers: {
                    /** @description Seconds after which to try again */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `internal_error` */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `config_error`, `build_mismatch`, `overloaded`, `database_unavailable` */
            503: {
                headers: {
                    /** @description Seconds after which to try again */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    getInternalAuthMethods: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["LoginMethods"];
                };
            };
            /** @description Error codes: `unauthorized` */
            401: {
                headers: {
                    /** @description The scheme to use */
                    "WWW-Authenticate"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `host_rejected`, `https_required` */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `not_found` */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `validation_failed` */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `rate_limited` */
            429: {
                headers: {
                    /** @description Seconds after which to try again */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `internal_error` */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `config_error`, `build_mismatch`, `overloaded` */
            503: {
                headers: {
                    /** @description Seconds after which to try again */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    getControllerOrchestratorsLive: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @enum {boolean} */
                        success: true;
                        message: string;
                        data: {
                            /** @description By orchestrator id */
                            orchestrators: {
                                [key: string]: components["schemas"]["LiveOrchestrator"];
                            };
                            total_count: number;
                        };
                    };
                };
            };
            /** @description Error codes: `unauthorized` */
            401: {
                headers: {
                    /** @description The scheme to use */
                    "WWW-Authenticate"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `host_rejected`, `https_required`, `forbidden`, `csrf_rejected`, `origin_rejected` */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `not_found` */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `session_changed` */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `validation_failed` */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `rate_limited` */
            429: {
                headers: {
                    /** @description Seconds after which to try again */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `internal_error` */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `config_error`, `build_mismatch`, `overloaded` */
            503: {
                headers: {
                    /** @description Seconds after which to try again */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    getControllerOrchestratorInstancesLive: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @enum {boolean} */
                        success: true;
                        message: string;
                        data: {
                            /** @description By orchestrator id */
                            orchestrator_instances: {
                                [key: string]: components["schemas"]["LiveOrchestrator"];
                            };
                            total_count: number;
                        };
                    };
                };
            };
            /** @description Error codes: `unauthorized` */
            401: {
                headers: {
                    /** @description The scheme to use */
                    "WWW-Authenticate"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `host_rejected`, `https_required`, `forbidden`, `csrf_rejected`, `origin_rejected` */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `not_found` */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `session_changed` */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `validation_failed` */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `rate_limited` */
            429: {
                headers: {
                    /** @description Seconds after which to try again */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `internal_error` */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `config_error`, `build_mismatch`, `overloaded` */
            503: {
                headers: {
                    /** @description Seconds after which to try again */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    getInternalOrchestratorsLive: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @enum {boolean} */
                        success: true;
                        message: string;
                        items: {
                            orchestrator_id: string;
                            /**
                             * Format: date-time
                             * @description ISO 8601, UTC
                             * @example 2025-10-28T19:00:24.185Z
                             */
                            last_seen: string | null;
                            /** @enum {string} */
                            status: "connected";
                        }[];
                        count: number;
                        live_ids: string[];
                    };
                };
            };
            /** @description Error codes: `unauthorized` */
            401: {
                headers: {
                    /** @description The scheme to use */
                    "WWW-Authenticate"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `host_rejected`, `https_required`, `forbidden`, `csrf_rejected`, `origin_rejected` */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `not_found` */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `session_changed` */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `validation_failed` */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `rate_limited` */
            429: {
                headers: {
                    /** @description Seconds after which to try again */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `internal_error` */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `config_error`, `build_mismatch`, `overloaded` */
            503: {
                headers: {
                    /** @description Seconds after which to try again */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    getControllerOrchestratorsHeartbeats: {
        parameters: {
            query: {
                /** @description At most 60 orchestrator ids, separated by commas */
                ids: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @enum {boolean} */
                        success: true;
                        message: string;
                        data: components["schemas"]["Heartbeats"];
                    };
                };
            };
            /** @description Error codes: `unauthorized` */
            401: {
                headers: {
                    /** @description The scheme to use */
                    "WWW-Authenticate"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `host_rejected`, `https_required`, `forbidden`, `csrf_rejected`, `origin_rejected` */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `not_found` */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `session_changed` */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `validation_failed` */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `rate_limited` */
            429: {
                headers: {
                    /** @description Seconds after which to try again */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `internal_error` */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `config_error`, `build_mismatch`, `overloaded` */
            503: {
                headers: {
                    /** @description Seconds after which to try again */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    getControllerOrganizations: {
        parameters: {
            query?: {
                /** @description Page number, from 1 */
                page?: number;
                /** @description Entries on a page */
                page_size?: number;
                /** @description The `next_cursor` of the answer before, with the same filters and order. An entry that exists throughout, and keeps its place in the order, is returned exactly once, whatever is added or deleted meanwhile. With a cursor, `page` is ignored */
                cursor?: string;
                /** @description `-` in front: descending. Absent values come last, equal ones by id. Only `organization_id` and `created_at` never change: in another order, a walk by cursor can miss or repeat an organization whose value changes meanwhile */
                sort?: "name" | "organization_id" | "status" | "health" | "last_seen" | "created_at" | "location" | "-name" | "-organization_id" | "-status" | "-health" | "-last_seen" | "-created_at" | "-location";
                /** @description Only organizations of this status; one or more of active, inactive, independent, separated by commas */
                status?: string;
                /** @description Only organizations with an orchestrator of this health; one or more of healthy, degraded, unhealthy, unknown, separated by commas */
                health?: string;
                /** @description Only organizations with an orchestrator whose configuration has come so far; one or more of none, queued, sent, applying, applied, unconfirmed, drifted, failed, separated by commas */
                config?: string;
                /** @description Location: the whole value, in any case; `*` stands for any text, as in `eu-*` */
                location?: string;
                /** @description Version of an orchestrator: the whole value, in any case; `*` stands for any text, as in `1.4.*` */
                version?: string;
                /** @description never: none of its orchestrators has ever been seen */
                seen?: "never" | "ever";
                /** @description Last seen not before this date or moment, UTC */
                seen_after?: string;
                /** @description Last seen before this moment, or until the end of this date, UTC; never seen does not count */
                seen_before?: string;
                /** @description Part of the id or the name */
                q?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @enum {boolean} */
                        success: true;
                        message: string;
                        data: {
                            items: components["schemas"]["Organization"][];
                            page: number;
                            page_size: number;
                            total_items: number;
                            total: number;
                            total_pages: number;
                            has_next: boolean;
                            has_prev: boolean;
                            /** @description The cursor of the next page; null: this is the last */
                            next_cursor: string | null;
                            /** @description Entries in this answer */
                            returned: number;
                            /** @description Whether more entries match */
                            truncated: boolean;
                        };
                    };
                };
            };
            /** @description Error codes: `unauthorized` */
            401: {
                headers: {
                    /** @description The scheme to use */
                    "WWW-Authenticate"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `host_rejected`, `https_required`, `forbidden`, `csrf_rejected`, `origin_rejected` */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `not_found` */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `session_changed` */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `validation_failed` */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `rate_limited` */
            429: {
                headers: {
                    /** @description Seconds after which to try again */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `internal_error` */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `config_error`, `build_mismatch`, `overloaded`, `database_unavailable` */
            503: {
                headers: {
                    /** @description Seconds after which to try again */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    postControllerOrganizations: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NewOrganization"];
            };
        };
        responses: {
            /** @description Success */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @enum {boolean} */
                        success: true;
                        message: string;
                        data: {
                            /**
                             * @description Organization id
                             * @example org-002
                             */
                            organization_id: string;
                            /** @description As a person or a registration has set it; otherwise as its one orchestrator reports it, or the id */
                            name: string;
                            location: string | null;
                            /** @description Created over this interface, or one of its orchestrators has connected at least once */
                            is_active: boolean;
                            /** @description Values of the request that could not be used as received; absent: none */
                            dropped?: {
                                /** @example metadata.version */
                                path: string;
                                reason: string;
                            }[];
                        };
                    };
                };
            };
            /** @description Error codes: `invalid_json` */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `unauthorized` */
            401: {
                headers: {
                    /** @description The scheme to use */
                    "WWW-Authenticate"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `host_rejected`, `https_required`, `forbidden`, `csrf_rejected`, `origin_rejected` */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `already_exists`, `session_changed` */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `payload_too_large` */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `unsupported_media_type` */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `validation_failed` */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `rate_limited` */
            429: {
                headers: {
                    /** @description Seconds after which to try again */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `internal_error` */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `config_error`, `build_mismatch`, `overloaded`, `database_unavailable` */
            503: {
                headers: {
                    /** @description Seconds after which to try again */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    getControllerOrganizationsFacets: {
        parameters: {
            query?: {
                /** @description Only organizations of this status; one or more of active, inactive, independent, separated by commas */
                status?: string;
                /** @description Only organizations with an orchestrator of this health; one or more of healthy, degraded, unhealthy, unknown, separated by commas */
                health?: string;
                /** @description Only organizations with an orchestrator whose configuration has come so far; one or more of none, queued, sent, applying, applied, unconfirmed, drifted, failed, separated by commas */
                config?: string;
                /** @description Location: the whole value, in any case; `*` stands for any text, as in `eu-*` */
                location?: string;
                /** @description Version of an orchestrator: the whole value, in any case; `*` stands for any text, as in `1.4.*` */
                version?: string;
                /** @description never: none of its orchestrators has ever been seen */
                seen?: "never" | "ever";
                /** @description Last seen not before this date or moment, UTC */
                seen_after?: string;
                /** @description Last seen before this moment, or until the end of this date, UTC; never seen does not count */
                seen_before?: string;
                /** @description Part of the id or the name */
                q?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @enum {boolean} */
                        success: true;
                        message: string;
                        data: components["schemas"]["OrganizationFacets"];
                    };
                };
            };
            /** @description Error codes: `unauthorized` */
            401: {
                headers: {
                    /** @description The scheme to use */
                    "WWW-Authenticate"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `host_rejected`, `https_required`, `forbidden`, `csrf_rejected`, `origin_rejected` */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `not_found` */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `session_changed` */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `validation_failed` */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `rate_limited` */
            429: {
                headers: {
                    /** @description Seconds after which to try again */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `internal_error` */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `config_error`, `build_mismatch`, `overloaded`, `database_unavailable` */
            503: {
                headers: {
                    /** @description Seconds after which to try again */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    getControllerOrganizationsIds: {
        parameters: {
            query?: {
                /** @description Page number, from 1 */
                page?: number;
                /** @description Entries on a page */
                page_size?: number;
                /** @description The `next_cursor` of the answer before, with the same filters and order. An entry that exists throughout, and keeps its place in the order, is returned exactly once, whatever is added or deleted meanwhile. With a cursor, `page` is ignored */
                cursor?: string;
                /** @description Only organizations of this status; one or more of active, inactive, independent, separated by commas */
                status?: string;
                /** @description Only organizations with an orchestrator of this health; one or more of healthy, degraded, unhealthy, unknown, separated by commas */
                health?: string;
                /** @description Only organizations with an orchestrator whose configuration has come so far; one or more of none, queued, sent, applying, applied, unconfirmed, drifted, failed, separated by commas */
                config?: string;
                /** @description Location: the whole value, in any case; `*` stands for any text, as in `eu-*` */
                location?: string;
                /** @description Version of an orchestrator: the whole value, in any case; `*` stands for any text, as in `1.4.*` */
                version?: string;
                /** @description never: none of its orchestrators has ever been seen */
                seen?: "never" | "ever";
                /** @description Last seen not before this date or moment, UTC */
                seen_after?: string;
                /** @description Last seen before this moment, or until the end of this date, UTC; never seen does not count */
                seen_before?: string;
                /** @description Part of the id or the name */
                q?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @enum {boolean} */
                        success: true;
                        message: string;
                        data: {
                            items: components["schemas"]["OrganizationIds"][];
                            page: number;
                            page_size: number;
                            total_items: number;
                            total: number;
                            total_pages: number;
                            has_next: boolean;
                            has_prev: boolean;
                            /** @description The cursor of the next page; null: this is the last */
                            next_cursor: string | null;
                            /** @description Entries in this answer */
                            returned: number;
                            /** @description Whether more entries match */
                            truncated: boolean;
                        };
                    };
                };
            };
            /** @description Error codes: `unauthorized` */
            401: {
                headers: {
                    /** @description The scheme to use */
                    "WWW-Authenticate"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `host_rejected`, `https_required`, `forbidden`, `csrf_rejected`, `origin_rejected` */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `not_found` */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `session_changed` */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `validation_failed` */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `rate_limited` */
            429: {
                headers: {
                    /** @description Seconds after which to try again */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `internal_error` */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `config_error`, `build_mismatch`, `overloaded`, `database_unavailable` */
            503: {
                headers: {
                    /** @description Seconds after which to try again */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    getControllerOrganizationsByOrganizationId: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Organization id */
                organization_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @enum {boolean} */
                        success: true;
                        message: string;
                        data: components["schemas"]["Organization"];
                    };
                };
            };
            /** @description Error codes: `unauthorized` */
            401: {
                headers: {
                    /** @description The scheme to use */
                    "WWW-Authenticate"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `host_rejected`, `https_required`, `forbidden`, `csrf_rejected`, `origin_rejected` */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `not_found` */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `session_changed` */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `validation_failed` */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `rate_limited` */
            429: {
                headers: {
                    /** @description Seconds after which to try again */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `internal_error` */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `config_error`, `build_mismatch`, `overloaded`, `database_unavailable` */
            503: {
                headers: {
                    /** @description Seconds after which to try again */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    putControllerOrganizationsByOrganizationId: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Organization id */
                organization_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["OrganizationChange"];
            };
        };
        responses: {
            /** @description Success */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @enum {boolean} */
                        success: true;
                        message: string;
                        data: components["schemas"]["Organization"];
                    };
                };
            };
            /** @description Error codes: `invalid_json` */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `unauthorized` */
            401: {
                headers: {
                    /** @description The scheme to use */
                    "WWW-Authenticate"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `host_rejected`, `https_required`, `forbidden`, `csrf_rejected`, `origin_rejected` */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `not_found` */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `version_conflict`, `session_changed` */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `payload_too_large` */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `unsupported_media_type` */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `validation_failed` */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `rate_limited` */
            429: {
                headers: {
                    /** @description Seconds after which to try again */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `internal_error` */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `config_error`, `build_mismatch`, `overloaded`, `database_unavailable` */
            503: {
                headers: {
                    /** @description Seconds after which to try again */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    deleteControllerOrganizationsByOrganizationId: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Organization id */
                organization_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @enum {boolean} */
                        success: true;
                        message: string;
                        data: components["schemas"]["DeletedOrganization"];
                    };
                };
            };
            /** @description Error codes: `unauthorized` */
            401: {
                headers: {
                    /** @description The scheme to use */
                    "WWW-Authenticate"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `host_rejected`, `https_required`, `forbidden`, `csrf_rejected`, `origin_rejected` */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `not_found` */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `session_changed` */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `validation_failed` */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `rate_limited` */
            429: {
                headers: {
                    /** @description Seconds after which to try again */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `internal_error` */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `config_error`, `build_mismatch`, `overloaded`, `database_unavailable` */
            503: {
                headers: {
                    /** @description Seconds after which to try again */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    getControllerOrganizationsByOrganizationIdImpact: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Organization id */
                organization_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @enum {boolean} */
                        success: true;
                        message: string;
                        data: components["schemas"]["OrganizationImpact"];
                    };
                };
            };
            /** @description Error codes: `unauthorized` */
            401: {
                headers: {
                    /** @description The scheme to use */
                    "WWW-Authenticate"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `host_rejected`, `https_required`, `forbidden`, `csrf_rejected`, `origin_rejected` */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `not_found` */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `session_changed` */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `validation_failed` */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `rate_limited` */
            429: {
                headers: {
                    /** @description Seconds after which to try again */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `internal_error` */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `config_error`, `build_mismatch`, `overloaded`, `database_unavailable` */
            503: {
                headers: {
                    /** @description Seconds after which to try again */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    putControllerOrganizationsByOrganizationIdFeatures: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Organization id */
                organization_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Features"];
            };
        };
        responses: {
            /** @description Success */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @enum {boolean} */
                        success: true;
                        message: string;
                        data: components["schemas"]["PublishedFeatures"];
                    };
                };
            };
            /** @description Error codes: `invalid_json` */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `unauthorized` */
            401: {
                headers: {
                    /** @description The scheme to use */
                    "WWW-Authenticate"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `host_rejected`, `https_required`, `forbidden`, `csrf_rejected`, `origin_rejected` */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `not_found` */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `version_conflict`, `session_changed` */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `payload_too_large` */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `unsupported_media_type` */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `validation_failed` */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `rate_limited`, `quota_exceeded` */
            429: {
                headers: {
                    /** @description Seconds after which to try again */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `internal_error` */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `config_error`, `build_mismatch`, `overloaded`, `database_unavailable` */
            503: {
                headers: {
                    /** @description Seconds after which to try again */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    getControllerOrganizationsByOrganizationIdConfig: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Organization id */
                organization_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @enum {boolean} */
                        success: true;
                        message: string;
                        data: components["schemas"]["ConfigurationDetail"];
                    };
                };
            };
            /** @description Error codes: `unauthorized` */
            401: {
                headers: {
                    /** @description The scheme to use */
                    "WWW-Authenticate"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `host_rejected`, `https_required`, `forbidden`, `csrf_rejected`, `origin_rejected` */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `not_found` */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `session_changed` */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `validation_failed` */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `rate_limited` */
            429: {
                headers: {
                    /** @description Seconds after which to try again */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `internal_error` */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `config_error`, `build_mismatch`, `overloaded`, `database_unavailable` */
            503: {
                headers: {
                    /** @description Seconds after which to try again */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    putControllerOrganizationsByOrganizationIdConfig: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Organization id */
                organization_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Configuration"];
            };
        };
        responses: {
            /** @description Success */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @enum {boolean} */
                        success: true;
                        message: string;
                        data: components["schemas"]["PublishedConfiguration"];
                    };
                };
            };
            /** @description Error codes: `invalid_json` */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `unauthorized` */
            401: {
                headers: {
                    /** @description The scheme to use */
                    "WWW-Authenticate"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `host_rejected`, `https_required`, `forbidden`, `csrf_rejected`, `origin_rejected` */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `not_found` */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `version_conflict`, `session_changed` */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `payload_too_large` */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `unsupported_media_type` */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `validation_failed` */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `rate_limited`, `quota_exceeded` */
            429: {
                headers: {
                    /** @description Seconds after which to try again */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `internal_error` */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `config_error`, `build_mismatch`, `overloaded`, `database_unavailable` */
            503: {
                headers: {
                    /** @description Seconds after which to try again */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    postControllerOrchestratorsByOrchestratorIdConfigPush: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Orchestrator id */
                orchestrator_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @enum {boolean} */
                        success: true;
                        message: string;
                        data: components["schemas"]["ConfigurationState"];
                    };
                };
            };
            /** @description Error codes: `unauthorized` */
            401: {
                headers: {
                    /** @description The scheme to use */
                    "WWW-Authenticate"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `host_rejected`, `https_required`, `forbidden`, `csrf_rejected`, `origin_rejected` */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `not_found` */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `not_connected`, `independent`, `session_changed` */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `validation_failed` */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `rate_limited` */
            429: {
                headers: {
                    /** @description Seconds after which to try again */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `internal_error` */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `config_error`, `build_mismatch`, `overloaded`, `database_unavailable` */
            503: {
                headers: {
                    /** @description Seconds after which to try again */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    postInternalOrchestratorsByOrchestratorIdSend: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Orchestrator id */
                orchestrator_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Frame"];
            };
        };
        responses: {
            /** @description Success */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @enum {boolean} */
                        success: true;
                        message: string;
                    };
                };
            };
            /** @description Error codes: `invalid_json` */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `unauthorized` */
            401: {
                headers: {
                    /** @description The scheme to use */
                    "WWW-Authenticate"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `host_rejected`, `https_required`, `forbidden`, `csrf_rejected`, `origin_rejected` */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `not_found` */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `not_connected`, `independent`, `session_changed` */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `payload_too_large` */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `unsupported_media_type` */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `validation_failed` */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `rate_limited` */
            429: {
                headers: {
                    /** @description Seconds after which to try again */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `internal_error` */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `config_error`, `build_mismatch`, `overloaded`, `database_unavailable` */
            503: {
                headers: {
                    /** @description Seconds after which to try again */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    getControllerOrganizationsByOrganizationIdConfigRevisions: {
        parameters: {
            query?: {
                /** @description Page number, from 1 */
                page?: number;
                /** @description Entries on a page */
                page_size?: number;
                /** @description The `next_cursor` of the answer before, with the same filters and order. An entry that exists throughout, and keeps its place in the order, is returned exactly once, whatever is added or deleted meanwhile. With a cursor, `page` is ignored */
                cursor?: string;
            };
            header?: never;
            path: {
                /** @description Organization id */
                organization_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @enum {boolean} */
                        success: true;
                        message: string;
                        data: {
                            items: components["schemas"]["ConfigurationRevision"][];
                            page: number;
                            page_size: number;
                            total_items: number;
                            total: number;
                            total_pages: number;
                            has_next: boolean;
                            has_prev: boolean;
                            /** @description The cursor of the next page; null: this is the last */
                            next_cursor: string | null;
                            /** @description Entries in this answer */
                            returned: number;
                            /** @description Whether more entries match */
                            truncated: boolean;
                        };
                    };
                };
            };
            /** @description Error codes: `unauthorized` */
            401: {
                headers: {
                    /** @description The scheme to use */
                    "WWW-Authenticate"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `host_rejected`, `https_required`, `forbidden`, `csrf_rejected`, `origin_rejected` */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `not_found` */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `session_changed` */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `validation_failed` */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `rate_limited` */
            429: {
                headers: {
                    /** @description Seconds after which to try again */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `internal_error` */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `config_error`, `build_mismatch`, `overloaded`, `database_unavailable` */
            503: {
                headers: {
                    /** @description Seconds after which to try again */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    getControllerOrganizationsByOrganizationIdConfigRevisionsByRevision: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Organization id */
                organization_id: string;
                /** @description Number of the revision */
                revision: number;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @enum {boolean} */
                        success: true;
                        message: string;
                        data: components["schemas"]["ConfigurationRevisionDetail"];
                    };
                };
            };
            /** @description Error codes: `unauthorized` */
            401: {
                headers: {
                    /** @description The scheme to use */
                    "WWW-Authenticate"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `host_rejected`, `https_required`, `forbidden`, `csrf_rejected`, `origin_rejected` */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `not_found` */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `session_changed` */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `validation_failed` */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `rate_limited` */
            429: {
                headers: {
                    /** @description Seconds after which to try again */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `internal_error` */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `config_error`, `build_mismatch`, `overloaded`, `database_unavailable` */
            503: {
                headers: {
                    /** @description Seconds after which to try again */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    getControllerOrchestrators: {
        parameters: {
            query?: {
                /** @description Page number, from 1 */
                page?: number;
                /** @description Entries on a page */
                page_size?: number;
                /** @description The `next_cursor` of the answer before, with the same filters and order. An entry that exists throughout, and keeps its place in the order, is returned exactly once, whatever is added or deleted meanwhile. With a cursor, `page` is ignored */
                cursor?: string;
                /** @description Only orchestrators of this status */
                status?: "active" | "inactive" | "independent";
                /** @description Only orchestrators of this organization */
                organization_id?: string;
                /** @description Part of the id or the name */
                q?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @enum {boolean} */
                        success: true;
                        message: string;
                        data: {
                            items: components["schemas"]["Orchestrator"][];
                            page: number;
                            page_size: number;
                            total_items: number;
                            total: number;
                            total_pages: number;
                            has_next: boolean;
                            has_prev: boolean;
                            /** @description The cursor of the next page; null: this is the last */
                            next_cursor: string | null;
                            /** @description Entries in this answer */
                            returned: number;
                            /** @description Whether more entries match */
                            truncated: boolean;
                        };
                    };
                };
            };
            /** @description Error codes: `unauthorized` */
            401: {
                headers: {
                    /** @description The scheme to use */
                    "WWW-Authenticate"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `host_rejected`, `https_required`, `forbidden`, `csrf_rejected`, `origin_rejected` */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `not_found` */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `session_changed` */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `validation_failed` */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `rate_limited` */
            429: {
                headers: {
                    /** @description Seconds after which to try again */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `internal_error` */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `config_error`, `build_mismatch`, `overloaded`, `database_unavailable` */
            503: {
                headers: {
                    /** @description Seconds after which to try again */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    getControllerOrchestratorInstances: {
        parameters: {
            query?: {
                /** @description Page number, from 1 */
                page?: number;
                /** @description Entries on a page */
                page_size?: number;
                /** @description The `next_cursor` of the answer before, with the same filters and order. An entry that exists throughout, and keeps its place in the order, is returned exactly once, whatever is added or deleted meanwhile. With a cursor, `page` is ignored */
                cursor?: string;
                /** @description Only orchestrators of this status */
                status?: "active" | "inactive" | "independent";
                /** @description Only orchestrators of this organization */
                organization_id?: string;
                /** @description Part of the id or the name */
                q?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @enum {boolean} */
                        success: true;
                        message: string;
                        data: {
                            items: components["schemas"]["Orchestrator"][];
                            page: number;
                            page_size: number;
                            total_items: number;
                            total: number;
                            total_pages: number;
                            has_next: boolean;
                            has_prev: boolean;
                            /** @description The cursor of the next page; null: this is the last */
                            next_cursor: string | null;
                            /** @description Entries in this answer */
                            returned: number;
                            /** @description Whether more entries match */
                            truncated: boolean;
                        };
                    };
                };
            };
            /** @description Error codes: `unauthorized` */
            401: {
                headers: {
                    /** @description The scheme to use */
                    "WWW-Authenticate"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `host_rejected`, `https_required`, `forbidden`, `csrf_rejected`, `origin_rejected` */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `not_found` */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `session_changed` */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `validation_failed` */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `rate_limited` */
            429: {
                headers: {
                    /** @description Seconds after which to try again */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `internal_error` */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `config_error`, `build_mismatch`, `overloaded`, `database_unavailable` */
            503: {
                headers: {
                    /** @description Seconds after which to try again */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    postControllerOrchestratorInstances: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NewInstance"];
            };
        };
        responses: {
            /** @description Success */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @enum {boolean} */
                        success: true;
                        message: string;
                        data: {
                            /**
                             * @description Orchestrator id
                             * @example org-002
                             */
                            orchestrator_id: string;
                            /**
                             * @description Organization id
                             * @example org-002
                             */
                            organization_id: string;
                            organization_name: string;
                            name: string | null;
                            location: string | null;
                            /** @enum {string} */
                            status: "active" | "inactive" | "independent";
                            is_independent: boolean;
                            privacy_mode: boolean;
                            /**
                             * @description The secret itself. Shown in this answer and never again
                             * @example mca_org-002.…
                             */
                            agent_token?: string;
                            /**
                             * @description What `CONTROLLER_WS_URL` is set to: the address of this call, or `PUBLIC_URL`, with the token in it
                             * @example wss://org-002:mca_org-002.…@controller.example.com/ws
                             */
                            connect_url?: string;
                            /** @description Values of the request that could not be used as received; absent: none */
                            dropped?: {
                                /** @example metadata.version */
                                path: string;
                                reason: string;
                            }[];
                        };
                    };
                };
            };
            /** @description Error codes: `invalid_json` */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `unauthorized` */
            401: {
                headers: {
                    /** @description The scheme to use */
                    "WWW-Authenticate"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `host_rejected`, `https_required`, `forbidden`, `csrf_rejected`, `origin_rejected` */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `already_exists`, `session_changed` */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `payload_too_large` */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `unsupported_media_type` */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `validation_failed` */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `rate_limited`, `quota_exceeded` */
            429: {
                headers: {
                    /** @description Seconds after which to try again */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `internal_error` */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `config_error`, `build_mismatch`, `overloaded`, `database_unavailable` */
            503: {
                headers: {
                    /** @description Seconds after which to try again */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    getInternalOrchestrators: {
        parameters: {
            query?: {
                /** @description Page number, from 1 */
                page?: number;
                /** @description Entries on a page */
                page_size?: number;
                /** @description The `next_cursor` of the answer before, with the same filters and order. An entry that exists throughout, and keeps its place in the order, is returned exactly once, whatever is added or deleted meanwhile. With a cursor, `page` is ignored */
                cursor?: string;
                /** @description Only orchestrators of this status */
                status?: "active" | "inactive" | "independent";
                /** @description Only orchestrators of this organization */
                organization_id?: string;
                /** @description Part of the id or the name */
                q?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @enum {boolean} */
                        success: true;
                        message: string;
                        orchestrators: components["schemas"]["RegisteredOrchestrator"][];
                        total_count: number;
                        /** @description The cursor of the next page; null: this is the last */
                        next_cursor: string | null;
                        /** @description Entries in this answer */
                        returned: number;
                        /** @description Whether more entries match */
                        truncated: boolean;
                        filters: {
                            organization_id: string | null;
                            status: string | null;
                        };
                    };
                };
            };
            /** @description Error codes: `unauthorized` */
            401: {
                headers: {
                    /** @description The scheme to use */
                    "WWW-Authenticate"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `host_rejected`, `https_required`, `forbidden`, `csrf_rejected`, `origin_rejected` */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `not_found` */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `session_changed` */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `validation_failed` */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `rate_limited` */
            429: {
                headers: {
                    /** @description Seconds after which to try again */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `internal_error` */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `config_error`, `build_mismatch`, `overloaded`, `database_unavailable` */
            503: {
                headers: {
                    /** @description Seconds after which to try again */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    getControllerOrchestratorsByOrchestratorId: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Orchestrator id */
                orchestrator_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @enum {boolean} */
                        success: true;
                        message: string;
                        data: components["schemas"]["OrchestratorDetail"];
                    };
                };
            };
            /** @description Error codes: `unauthorized` */
            401: {
                headers: {
                    /** @description The scheme to use */
                    "WWW-Authenticate"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `host_rejected`, `https_required`, `forbidden`, `csrf_rejected`, `origin_rejected` */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `not_found` */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `session_changed` */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `validation_failed` */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `rate_limited` */
            429: {
                headers: {
                    /** @description Seconds after which to try again */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `internal_error` */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `config_error`, `build_mismatch`, `overloaded`, `database_unavailable` */
            503: {
                headers: {
                    /** @description Seconds after which to try again */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    getControllerOrchestratorInstancesByOrchestratorId: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Orchestrator id */
                orchestrator_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @enum {boolean} */
                        success: true;
                        message: string;
                        data: components["schemas"]["OrchestratorDetail"];
                    };
                };
            };
            /** @description Error codes: `unauthorized` */
            401: {
                headers: {
                    /** @description The scheme to use */
                    "WWW-Authenticate"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `host_rejected`, `https_required`, `forbidden`, `csrf_rejected`, `origin_rejected` */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `not_found` */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `session_changed` */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `validation_failed` */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `rate_limited` */
            429: {
                headers: {
                    /** @description Seconds after which to try again */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `internal_error` */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `config_error`, `build_mismatch`, `overloaded`, `database_unavailable` */
            503: {
                headers: {
                    /** @description Seconds after which to try again */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    deleteControllerOrchestratorInstancesByOrchestratorId: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Orchestrator id */
                orchestrator_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @enum {boolean} */
                        success: true;
                        message: string;
                        data: {
                            /**
                             * @description Orchestrator id
                             * @example org-002
                             */
                            orchestrator_id: string;
                            /**
                             * @description Organization id
                             * @example org-002
                             */
                            organization_id: string;
                        };
                    };
                };
            };
            /** @description Error codes: `unauthorized` */
            401: {
                headers: {
                    /** @description The scheme to use */
                    "WWW-Authenticate"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `host_rejected`, `https_required`, `forbidden`, `csrf_rejected`, `origin_rejected` */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `not_found` */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `session_changed` */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `validation_failed` */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `rate_limited` */
            429: {
                headers: {
                    /** @description Seconds after which to try again */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `internal_error` */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `config_error`, `build_mismatch`, `overloaded`, `database_unavailable` */
            503: {
                headers: {
                    /** @description Seconds after which to try again */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    getControllerOrchestratorsByOrchestratorIdActivity: {
        parameters: {
            query?: {
                /** @description Newest entries to return. More than 1000 counts as 1000, and `limit_capped` says so */
                limit?: number;
                /** @description The `next_cursor` of the answer before, with the same filters. The walk goes from the newest to the oldest, and each entry that exists throughout is returned exactly once. What happens meanwhile is newer, and so not in it; nor is an entry not read yet whose repeat takes its place meanwhile */
                cursor?: string;
            };
            header?: never;
            path: {
                /** @description Orchestrator id */
                orchestrator_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @enum {boolean} */
                        success: true;
                        message: string;
                        data: {
                            orchestrator_id: string;
                            items: components["schemas"]["Activity"][];
                            /** @description The number of stored entries */
                            total: number;
                            /** @description The effective limit */
                            limit: number;
                            /** @description Whether the requested limit was above the maximum */
                            limit_capped: boolean;
                            /** @description Entries in this answer */
                            returned: number;
                            /** @description Whether more entries match */
                            truncated: boolean;
                            /** @description The cursor of the next page; null: this is the last */
                            next_cursor: string | null;
                        };
                    };
                };
            };
            /** @description Error codes: `unauthorized` */
            401: {
                headers: {
                    /** @description The scheme to use */
                    "WWW-Authenticate"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `host_rejected`, `https_required`, `forbidden`, `csrf_rejected`, `origin_rejected` */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `not_found` */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `session_changed` */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `validation_failed` */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `rate_limited` */
            429: {
                headers: {
                    /** @description Seconds after which to try again */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `internal_error` */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `config_error`, `build_mismatch`, `overloaded`, `database_unavailable` */
            503: {
                headers: {
                    /** @description Seconds after which to try again */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    postInternalOrchestratorsRegister: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Registration"];
            };
        };
        responses: {
            /** @description Success */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RegistrationAnswer"];
                };
            };
            /** @description Error codes: `invalid_json` */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `unauthorized` */
            401: {
                headers: {
                    /** @description The scheme to use */
                    "WWW-Authenticate"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `host_rejected`, `https_required`, `forbidden`, `csrf_rejected`, `origin_rejected` */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `already_exists`, `session_changed` */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `payload_too_large` */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `unsupported_media_type` */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `validation_failed` */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `rate_limited`, `quota_exceeded` */
            429: {
                headers: {
                    /** @description Seconds after which to try again */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `internal_error` */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `config_error`, `build_mismatch`, `overloaded`, `database_unavailable` */
            503: {
                headers: {
                    /** @description Seconds after which to try again */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    deleteInternalOrchestratorsByOrchestratorIdDeregister: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Orchestrator id */
                orchestrator_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @enum {boolean} */
                        success: true;
                        message: string;
                        /**
                         * @description Orchestrator id
                         * @example org-002
                         */
                        orchestrator_id: string;
                        /**
                         * @description Organization id
                         * @example org-002
                         */
                        organization_id: string;
                        /** @description False: it signed itself off, and its data stay */
                        deleted: boolean;
                    };
                };
            };
            /** @description Error codes: `unauthorized` */
            401: {
                headers: {
                    /** @description The scheme to use */
                    "WWW-Authenticate"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `host_rejected`, `https_required`, `forbidden`, `csrf_rejected`, `origin_rejected` */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `not_found` */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `session_changed` */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `validation_failed` */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `rate_limited` */
            429: {
                headers: {
                    /** @description Seconds after which to try again */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `internal_error` */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `config_error`, `build_mismatch`, `overloaded`, `database_unavailable` */
            503: {
                headers: {
                    /** @description Seconds after which to try again */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    postInternalOrchestratorsHeartbeat: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Heartbeat"];
            };
        };
        responses: {
            /** @description Success */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @enum {boolean} */
                        success: true;
                        message: string;
                        /**
                         * @description Orchestrator id
                         * @example org-002
                         */
                        orchestrator_id: string;
                        /**
                         * @description Organization id
                         * @example org-002
                         */
                        organization_id: string;
                        /** @enum {string} */
                        status: "active" | "inactive" | "independent";
                        /** @enum {string} */
                        health_status: "healthy" | "degraded" | "unhealthy" | "unknown";
                        /**
                         * Format: date-time
                         * @description ISO 8601, UTC
                         * @example 2025-10-28T19:00:24.185Z
                         */
                        last_seen: string | null;
                        /** @description The orchestrator is independent: nothing was stored */
                        ignored: boolean;
                        /** @description Values of the request that could not be used as received; absent: none */
                        dropped?: {
                            /** @example metadata.version */
                            path: string;
                            reason: string;
                        }[];
                        /**
                         * Format: date-time
                         * @description ISO 8601, UTC
                         * @example 2025-10-28T19:00:24.185Z
                         */
                        timestamp: string;
                    };
                };
            };
            /** @description Error codes: `invalid_json` */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `unauthorized` */
            401: {
                headers: {
                    /** @description The scheme to use */
                    "WWW-Authenticate"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `host_rejected`, `https_required`, `forbidden`, `csrf_rejected`, `origin_rejected` */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `not_found` */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `session_changed` */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `payload_too_large` */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `unsupported_media_type` */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `validation_failed` */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `rate_limited` */
            429: {
                headers: {
                    /** @description Seconds after which to try again */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `internal_error` */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `config_error`, `build_mismatch`, `overloaded` */
            503: {
                headers: {
                    /** @description Seconds after which to try again */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    getControllerOrchestratorsByOrchestratorIdTokens: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Orchestrator id */
                orchestrator_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @enum {boolean} */
                        success: true;
                        message: string;
                        data: {
                            /**
                             * @description Orchestrator id
                             * @example org-002
                             */
                            orchestrator_id: string;
                            items: components["schemas"]["AgentToken"][];
                        };
                    };
                };
            };
            /** @description Error codes: `unauthorized` */
            401: {
                headers: {
                    /** @description The scheme to use */
                    "WWW-Authenticate"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `host_rejected`, `https_required`, `forbidden`, `csrf_rejected`, `origin_rejected` */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `not_found` */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `session_changed` */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `validation_failed` */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `rate_limited` */
            429: {
                headers: {
                    /** @description Seconds after which to try again */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `internal_error` */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `config_error`, `build_mismatch`, `overloaded`, `database_unavailable` */
            503: {
                headers: {
                    /** @description Seconds after which to try again */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    postControllerOrchestratorsByOrchestratorIdTokens: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Orchestrator id */
                orchestrator_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NewAgentToken"];
            };
        };
        responses: {
            /** @description Success */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @enum {boolean} */
                        success: true;
                        message: string;
                        data: components["schemas"]["IssuedAgentToken"];
                    };
                };
            };
            /** @description Error codes: `invalid_json` */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `unauthorized` */
            401: {
                headers: {
                    /** @description The scheme to use */
                    "WWW-Authenticate"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `host_rejected`, `https_required`, `forbidden`, `csrf_rejected`, `origin_rejected` */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `not_found` */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `already_exists`, `session_changed` */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `payload_too_large` */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `unsupported_media_type` */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `validation_failed` */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `rate_limited` */
            429: {
                headers: {
                    /** @description Seconds after which to try again */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `internal_error` */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `config_error`, `build_mismatch`, `overloaded`, `database_unavailable` */
            503: {
                headers: {
                    /** @description Seconds after which to try again */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    deleteControllerOrchestratorsByOrchestratorIdTokensByKeyId: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Orchestrator id */
                orchestrator_id: string;
                key_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @enum {boolean} */
                        success: true;
                        message: string;
                        data: {
                            /**
                             * @description Orchestrator id
                             * @example org-002
                             */
                            orchestrator_id: string;
                            key_id: string;
                        };
                    };
                };
            };
            /** @description Error codes: `unauthorized` */
            401: {
                headers: {
                    /** @description The scheme to use */
                    "WWW-Authenticate"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `host_rejected`, `https_required`, `forbidden`, `csrf_rejected`, `origin_rejected` */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `not_found` */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `session_changed` */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `validation_failed` */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `rate_limited` */
            429: {
                headers: {
                    /** @description Seconds after which to try again */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `internal_error` */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `config_error`, `build_mismatch`, `overloaded`, `database_unavailable` */
            503: {
                headers: {
                    /** @description Seconds after which to try again */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    postInternalOrchestratorsByOrchestratorIdTokens: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Orchestrator id */
                orchestrator_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["TokenExchange"];
            };
        };
        responses: {
            /** @description Success */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @enum {boolean} */
                        success: true;
                        message: string;
                        data: components["schemas"]["IssuedAgentToken"];
                    };
                };
            };
            /** @description Error codes: `invalid_json` */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `unauthorized` */
            401: {
                headers: {
                    /** @description The scheme to use */
                    "WWW-Authenticate"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `host_rejected`, `https_required`, `forbidden`, `csrf_rejected`, `origin_rejected` */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `not_found` */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `already_exists`, `session_changed` */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `payload_too_large` */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `unsupported_media_type` */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `validation_failed` */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `rate_limited` */
            429: {
                headers: {
                    /** @description Seconds after which to try again */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `internal_error` */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `config_error`, `build_mismatch`, `overloaded` */
            503: {
                headers: {
                    /** @description Seconds after which to try again */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    getControllerOrganizationsByOrganizationIdJoinTokens: {
        parameters: {
            query?: {
                /** @description Page number, from 1 */
                page?: number;
                /** @description Entries on a page */
                page_size?: number;
                /** @description The `next_cursor` of the answer before, with the same filters and order. An entry that exists throughout, and keeps its place in the order, is returned exactly once, whatever is added or deleted meanwhile. With a cursor, `page` is ignored */
                cursor?: string;
            };
            header?: never;
            path: {
                /** @description Organization id */
                organization_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @enum {boolean} */
                        success: true;
                        message: string;
                        data: {
                            items: components["schemas"]["JoinToken"][];
                            page: number;
                            page_size: number;
                            total_items: number;
                            total: number;
                            total_pages: number;
                            has_next: boolean;
                            has_prev: boolean;
                            /** @description The cursor of the next page; null: this is the last */
                            next_cursor: string | null;
                            /** @description Entries in this answer */
                            returned: number;
                            /** @description Whether more entries match */
                            truncated: boolean;
                        };
                    };
                };
            };
            /** @description Error codes: `unauthorized` */
            401: {
                headers: {
                    /** @description The scheme to use */
                    "WWW-Authenticate"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `host_rejected`, `https_required`, `forbidden`, `csrf_rejected`, `origin_rejected` */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `not_found` */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `session_changed` */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `validation_failed` */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `rate_limited` */
            429: {
                headers: {
                    /** @description Seconds after which to try again */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `internal_error` */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `config_error`, `build_mismatch`, `overloaded`, `database_unavailable` */
            503: {
                headers: {
                    /** @description Seconds after which to try again */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    postControllerOrganizationsByOrganizationIdJoinTokens: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Organization id */
                organization_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NewJoinToken"];
            };
        };
        responses: {
            /** @description Success */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @enum {boolean} */
                        success: true;
                        message: string;
                        data: components["schemas"]["IssuedJoinToken"];
                    };
                };
            };
            /** @description Error codes: `invalid_json` */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `unauthorized` */
            401: {
                headers: {
                    /** @description The scheme to use */
                    "WWW-Authenticate"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `host_rejected`, `https_required`, `forbidden`, `csrf_rejected`, `origin_rejected` */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `not_found` */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `session_changed` */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `payload_too_large` */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `unsupported_media_type` */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `validation_failed` */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `rate_limited`, `quota_exceeded` */
            429: {
                headers: {
                    /** @description Seconds after which to try again */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `internal_error` */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `config_error`, `build_mismatch`, `overloaded`, `database_unavailable` */
            503: {
                headers: {
                    /** @description Seconds after which to try again */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    deleteControllerOrganizationsByOrganizationIdJoinTokensByKeyId: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Organization id */
                organization_id: string;
                key_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @enum {boolean} */
                        success: true;
                        message: string;
                        data: {
                            /**
                             * @description Organization id
                             * @example org-002
                             */
                            organization_id: string;
                            key_id: string;
                        };
                    };
                };
            };
            /** @description Error codes: `unauthorized` */
            401: {
                headers: {
                    /** @description The scheme to use */
                    "WWW-Authenticate"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `host_rejected`, `https_required`, `forbidden`, `csrf_rejected`, `origin_rejected` */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `not_found` */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `session_changed` */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `validation_failed` */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `rate_limited` */
            429: {
                headers: {
                    /** @description Seconds after which to try again */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `internal_error` */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `config_error`, `build_mismatch`, `overloaded`, `database_unavailable` */
            503: {
                headers: {
                    /** @description Seconds after which to try again */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    postInternalOrchestratorsJoin: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Join"];
            };
        };
        responses: {
            /** @description Success */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["JoinAnswer"];
                };
            };
            /** @description Error codes: `invalid_json` */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `unauthorized` */
            401: {
                headers: {
                    /** @description The scheme to use */
                    "WWW-Authenticate"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `host_rejected`, `https_required` */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `already_exists` */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `payload_too_large` */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `unsupported_media_type` */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `validation_failed` */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `rate_limited`, `quota_exceeded` */
            429: {
                headers: {
                    /** @description Seconds after which to try again */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `internal_error` */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `config_error`, `build_mismatch`, `overloaded`, `database_unavailable` */
            503: {
                headers: {
                    /** @description Seconds after which to try again */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    getInternalOrchestratorsByOrchestratorIdIndependence: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Orchestrator id */
                orchestrator_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["IndependenceAnswer"];
                };
            };
            /** @description Error codes: `unauthorized` */
            401: {
                headers: {
                    /** @description The scheme to use */
                    "WWW-Authenticate"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `host_rejected`, `https_required`, `forbidden`, `csrf_rejected`, `origin_rejected` */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `not_found` */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `session_changed` */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `validation_failed` */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `rate_limited` */
            429: {
                headers: {
                    /** @description Seconds after which to try again */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `internal_error` */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `config_error`, `build_mismatch`, `overloaded`, `database_unavailable` */
            503: {
                headers: {
                    /** @description Seconds after which to try again */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    putInternalOrchestratorsByOrchestratorIdIndependence: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Orchestrator id */
                orchestrator_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Independence"];
            };
        };
        responses: {
            /** @description Success */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["IndependenceAnswer"];
                };
            };
            /** @description Error codes: `invalid_json` */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `unauthorized` */
            401: {
                headers: {
                    /** @description The scheme to use */
                    "WWW-Authenticate"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `host_rejected`, `https_required`, `forbidden`, `csrf_rejected`, `origin_rejected` */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `not_found` */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `session_changed` */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `payload_too_large` */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `unsupported_media_type` */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `validation_failed` */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `rate_limited` */
            429: {
                headers: {
                    /** @description Seconds after which to try again */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `internal_error` */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `config_error`, `build_mismatch`, `overloaded`, `database_unavailable` */
            503: {
                headers: {
                    /** @description Seconds after which to try again */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    getInternalOrchestratorsByOrchestratorIdMessages: {
        parameters: {
            query?: {
                /** @description Only messages of this type */
                message_type?: "recommendation" | "monitoring";
                /** @description Only messages of this status */
                status?: "pending" | "accepted" | "dismissed";
                /** @description inbound: from the orchestrator; outbound: to it */
                direction?: "inbound" | "outbound";
                /** @description Only messages whose metadata has this `severity`, in small or capital letters */
                severity?: string;
                /** @description Also messages of independent orchestrators, which are hidden otherwise */
                include_independent?: "true" | "false";
                /** @description Created not before this date or moment, UTC */
                since?: string;
                /** @description Created before this moment, or until the end of this date, UTC */
                until?: string;
                /** @description Part of the content */
                q?: string;
                /** @description The `next_cursor` of the answer before, with the same filters and order. An entry that exists throughout, and keeps its place in the order, is returned exactly once, whatever is added or deleted meanwhile. With a cursor, `page` is ignored */
                cursor?: string;
                /** @description Newest messages to return. More than 1000 counts as 1000, and `limit_capped` says so */
                limit?: number;
            };
            header?: never;
            path: {
                /** @description Orchestrator id */
                orchestrator_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OrchestratorMessages"];
                };
            };
            /** @description Error codes: `unauthorized` */
            401: {
                headers: {
                    /** @description The scheme to use */
                    "WWW-Authenticate"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `host_rejected`, `https_required`, `forbidden`, `csrf_rejected`, `origin_rejected` */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `not_found` */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `session_changed` */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `validation_failed` */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `rate_limited` */
            429: {
                headers: {
                    /** @description Seconds after which to try again */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `internal_error` */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `config_error`, `build_mismatch`, `overloaded`, `database_unavailable` */
            503: {
                headers: {
                    /** @description Seconds after which to try again */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    postInternalOrchestratorsByOrchestratorIdMessages: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Orchestrator id */
                orchestrator_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NewMessage"];
            };
        };
        responses: {
            /** @description Success */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CreatedMessage"];
                };
            };
            /** @description Error codes: `invalid_json` */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `unauthorized` */
            401: {
                headers: {
                    /** @description The scheme to use */
                    "WWW-Authenticate"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `host_rejected`, `https_required`, `forbidden`, `csrf_rejected`, `origin_rejected` */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `not_found` */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `independent`, `session_changed` */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `payload_too_large` */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `unsupported_media_type` */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `validation_failed` */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `rate_limited`, `quota_exceeded` */
            429: {
                headers: {
                    /** @description Seconds after which to try again */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `internal_error` */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `config_error`, `build_mismatch`, `overloaded`, `database_unavailable` */
            503: {
                headers: {
                    /** @description Seconds after which to try again */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    getInternalMessages: {
        parameters: {
            query?: {
                /** @description Only messages of this type */
                message_type?: "recommendation" | "monitoring";
                /** @description Only messages of this status */
                status?: "pending" | "accepted" | "dismissed";
                /** @description inbound: from the orchestrator; outbound: to it */
                direction?: "inbound" | "outbound";
                /** @description Only messages whose metadata has this `severity`, in small or capital letters */
                severity?: string;
                /** @description Also messages of independent orchestrators, which are hidden otherwise */
                include_independent?: "true" | "false";
                /** @description Created not before this date or moment, UTC */
                since?: string;
                /** @description Created before this moment, or until the end of this date, UTC */
                until?: string;
                /** @description Part of the content */
                q?: string;
                /** @description The `next_cursor` of the answer before, with the same filters and order. An entry that exists throughout, and keeps its place in the order, is returned exactly once, whatever is added or deleted meanwhile. With a cursor, `page` is ignored */
                cursor?: string;
                /** @description Newest messages to return. More than 1000 counts as 1000, and `limit_capped` says so */
                limit?: number;
                /** @description Only messages of this orchestrator */
                orchestrator_id?: string;
                /** @description Only messages of this organization */
                organization_id?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Messages"];
                };
            };
            /** @description Error codes: `unauthorized` */
            401: {
                headers: {
                    /** @description The scheme to use */
                    "WWW-Authenticate"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `host_rejected`, `https_required`, `forbidden`, `csrf_rejected`, `origin_rejected` */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `not_found` */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `session_changed` */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `validation_failed` */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `rate_limited` */
            429: {
                headers: {
                    /** @description Seconds after which to try again */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `internal_error` */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `config_error`, `build_mismatch`, `overloaded`, `database_unavailable` */
            503: {
                headers: {
                    /** @description Seconds after which to try again */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    putInternalMessagesByMessageIdStatus: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Message id */
                message_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Decision"];
            };
        };
        responses: {
            /** @description Success */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["DecidedMessage"];
                };
            };
            /** @description Error codes: `invalid_json` */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `unauthorized` */
            401: {
                headers: {
                    /** @description The scheme to use */
                    "WWW-Authenticate"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `host_rejected`, `https_required`, `forbidden`, `csrf_rejected`, `origin_rejected` */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `not_found` */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `invalid_transition`, `session_changed` */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `payload_too_large` */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `unsupported_media_type` */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `validation_failed` */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `rate_limited` */
            429: {
                headers: {
                    /** @description Seconds after which to try again */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `internal_error` */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `config_error`, `build_mismatch`, `overloaded`, `database_unavailable` */
            503: {
                headers: {
                    /** @description Seconds after which to try again */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    getControllerOverview: {
        parameters: {
            query?: {
                /** @description From this date or moment, UTC; 30 days before the end when absent */
                start_date?: string;
                /** @description Until the end of this date, or before this moment, UTC; now when absent */
                end_date?: string;
                /** @description Ignored: every answer is fresh */
                refresh?: "true" | "false";
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @enum {boolean} */
                        success: true;
                        message: string;
                        data: components["schemas"]["Overview"];
                    };
                };
            };
            /** @description Error codes: `unauthorized` */
            401: {
                headers: {
                    /** @description The scheme to use */
                    "WWW-Authenticate"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `host_rejected`, `https_required`, `forbidden`, `csrf_rejected`, `origin_rejected` */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `not_found` */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `session_changed` */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `validation_failed` */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `rate_limited` */
            429: {
                headers: {
                    /** @description Seconds after which to try again */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `internal_error` */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `config_error`, `build_mismatch`, `overloaded`, `database_unavailable` */
            503: {
                headers: {
                    /** @description Seconds after which to try again */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    getControllerCosts: {
        parameters: {
            query?: {
                /** @description From this date or moment, UTC; 30 days before the end when absent */
                start_date?: string;
                /** @description Until the end of this date, or before this moment, UTC; now when absent */
                end_date?: string;
                /** @description Weeks begin on Monday */
                granularity?: "hour" | "day" | "week" | "month";
                /** @description Usage reports contain no department, so grouping by it is not possible */
                group_by?: "organization" | "orchestrator" | "model" | "provider";
                /** @description Only these organizations, separated by commas */
                organization_ids?: string;
                /** @description Add the forecast to the end of the month */
                include_forecast?: "true" | "false";
                /** @description csv: a row for each point (date_utc) and group that cost something, at most 50000 */
                format?: "json" | "csv";
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @enum {boolean} */
                        success: true;
                        message: string;
                        data: components["schemas"]["Costs"];
                    };
                    "text/csv": string;
                };
            };
            /** @description Error codes: `unauthorized` */
            401: {
                headers: {
                    /** @description The scheme to use */
                    "WWW-Authenticate"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `host_rejected`, `https_required`, `forbidden`, `csrf_rejected`, `origin_rejected` */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `not_found` */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `session_changed` */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `validation_failed` */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `rate_limited` */
            429: {
                headers: {
                    /** @description Seconds after which to try again */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `internal_error` */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `config_error`, `build_mismatch`, `overloaded`, `database_unavailable` */
            503: {
                headers: {
                    /** @description Seconds after which to try again */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    getControllerAttention: {
        parameters: {
            query?: {
                /** @description Only these */
                kind?: "duplicate_identity" | "lost" | "refused" | "config_failed" | "config_drifted" | "config_unconfirmed" | "unhealthy" | "degraded" | "messages" | "never_connected" | "long_lost";
                /** @description Page number, from 1 */
                page?: number;
                /** @description The `next_cursor` of the answer before, with the same filters and order. An entry that exists throughout, and keeps its place in the order, is returned exactly once, whatever is added or deleted meanwhile. With a cursor, `page` is ignored */
                cursor?: string;
                /** @description Entries to return, of each page. More than 100 counts as 100, and `limit_capped` says so */
                limit?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @enum {boolean} */
                        success: true;
                        message: string;
                        data: components["schemas"]["Attention"];
                    };
                };
            };
            /** @description Error codes: `unauthorized` */
            401: {
                headers: {
                    /** @description The scheme to use */
                    "WWW-Authenticate"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `host_rejected`, `https_required`, `forbidden`, `csrf_rejected`, `origin_rejected` */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `not_found` */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `session_changed` */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `validation_failed` */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `rate_limited` */
            429: {
                headers: {
                    /** @description Seconds after which to try again */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `internal_error` */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `config_error`, `build_mismatch`, `overloaded`, `database_unavailable` */
            503: {
                headers: {
                    /** @description Seconds after which to try again */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    getControllerActivity: {
        parameters: {
            query?: {
                /** @description Newest events to return. More than 1000 counts as 1000, and `limit_capped` says so */
                limit?: number;
                /** @description The `next_cursor` of the answer before, with the same filters. The walk goes from the newest to the oldest, and each entry that exists throughout is returned exactly once. What happens meanwhile is newer, and so not in it; nor is an entry not read yet whose repeat takes its place meanwhile */
                cursor?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @enum {boolean} */
                        success: true;
                        message: string;
                        data: components["schemas"]["FleetActivity"];
                    };
                };
            };
            /** @description Error codes: `unauthorized` */
            401: {
                headers: {
                    /** @description The scheme to use */
                    "WWW-Authenticate"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `host_rejected`, `https_required`, `forbidden`, `csrf_rejected`, `origin_rejected` */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `not_found` */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `session_changed` */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `validation_failed` */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `rate_limited` */
            429: {
                headers: {
                    /** @description Seconds after which to try again */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `internal_error` */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `config_error`, `build_mismatch`, `overloaded` */
            503: {
                headers: {
                    /** @description Seconds after which to try again */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    getControllerAuditFacets: {
        parameters: {
            query?: {
                /** @description Part of actor, action, target, organization, address or request id */
                q?: string;
                /** @description Part of the actor, such as `user:ada` */
                actor?: string;
                /** @description An action such as `config.publish`, or a group of them such as `auth` */
                action?: string;
                /** @description The exact id of the changed thing */
                target?: string;
                /** @description Organization id */
                organization_id?: string;
                /** @description Not before this date or moment, UTC */
                from?: string;
                /** @description Before this moment, or until the end of this date, UTC */
                to?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @enum {boolean} */
                        success: true;
                        message: string;
                        data: components["schemas"]["AuditFacets"];
                    };
                };
            };
            /** @description Error codes: `unauthorized` */
            401: {
                headers: {
                    /** @description The scheme to use */
                    "WWW-Authenticate"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `host_rejected`, `https_required`, `forbidden`, `csrf_rejected`, `origin_rejected` */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `not_found` */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `session_changed` */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `validation_failed` */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `rate_limited` */
            429: {
                headers: {
                    /** @description Seconds after which to try again */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `internal_error` */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `config_error`, `build_mismatch`, `overloaded`, `database_unavailable` */
            503: {
                headers: {
                    /** @description Seconds after which to try again */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    getControllerAudit: {
        parameters: {
            query?: {
                /** @description Page number, from 1 */
                page?: number;
                /** @description Entries on a page */
                page_size?: number;
                /** @description The `next_cursor` of the answer before, with the same filters and order. An entry that exists throughout, and keeps its place in the order, is returned exactly once, whatever is added or deleted meanwhile. With a cursor, `page` is ignored */
                cursor?: string;
                /** @description Part of actor, action, target, organization, address or request id */
                q?: string;
                /** @description Part of the actor, such as `user:ada` */
                actor?: string;
                /** @description An action such as `config.publish`, or a group of them such as `auth` */
                action?: string;
                /** @description The exact id of the changed thing */
                target?: string;
                /** @description Organization id */
                organization_id?: string;
                /** @description Not before this date or moment, UTC */
                from?: string;
                /** @description Before this moment, or until the end of this date, UTC */
                to?: string;
                /** @description csv: all matches without pages, at most the newest 10000 */
                format?: "json" | "csv";
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @enum {boolean} */
                        success: true;
                        message: string;
                        data: {
                            items: components["schemas"]["AuditEntry"][];
                            page: number;
                            page_size: number;
                            total_items: number;
                            total: number;
                            total_pages: number;
                            has_next: boolean;
                            has_prev: boolean;
                            /** @description The cursor of the next page; null: this is the last */
                            next_cursor: string | null;
                            /** @description Entries in this answer */
                            returned: number;
                            /** @description Whether more entries match */
                            truncated: boolean;
                        };
                    };
                    "text/csv": string;
                };
            };
            /** @description Error codes: `unauthorized` */
            401: {
                headers: {
                    /** @description The scheme to use */
                    "WWW-Authenticate"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `host_rejected`, `https_required`, `forbidden`, `csrf_rejected`, `origin_rejected` */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `not_found` */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `session_changed` */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `validation_failed` */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `rate_limited` */
            429: {
                headers: {
                    /** @description Seconds after which to try again */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `internal_error` */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `config_error`, `build_mismatch`, `overloaded`, `database_unavailable` */
            503: {
                headers: {
                    /** @description Seconds after which to try again */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    getControllerUsers: {
        parameters: {
            query?: {
                /** @description Page number, from 1 */
                page?: number;
                /** @description Entries on a page */
                page_size?: number;
                /** @description The `next_cursor` of the answer before, with the same filters and order. An entry that exists throughout, and keeps its place in the order, is returned exactly once, whatever is added or deleted meanwhile. With a cursor, `page` is ignored */
                cursor?: string;
                /** @description Only users of this role */
                role?: "viewer" | "operator" | "admin" | "superadmin";
                /** @description Part of the name */
                q?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @enum {boolean} */
                        success: true;
                        message: string;
                        data: {
                            items: components["schemas"]["User"][];
                            page: number;
                            page_size: number;
                            total_items: number;
                            total: number;
                            total_pages: number;
                            has_next: boolean;
                            has_prev: boolean;
                            /** @description The cursor of the next page; null: this is the last */
                            next_cursor: string | null;
                            /** @description Entries in this answer */
                            returned: number;
                            /** @description Whether more entries match */
                            truncated: boolean;
                        };
                    };
                };
            };
            /** @description Error codes: `unauthorized` */
            401: {
                headers: {
                    /** @description The scheme to use */
                    "WWW-Authenticate"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `host_rejected`, `https_required`, `forbidden`, `csrf_rejected`, `origin_rejected` */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `not_found` */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `session_changed` */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `validation_failed` */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `rate_limited` */
            429: {
                headers: {
                    /** @description Seconds after which to try again */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `internal_error` */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `config_error`, `build_mismatch`, `overloaded`, `database_unavailable` */
            503: {
                headers: {
                    /** @description Seconds after which to try again */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    postControllerUsers: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NewUser"];
            };
        };
        responses: {
            /** @description Success */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @enum {boolean} */
                        success: true;
                        message: string;
                        data: components["schemas"]["User"];
                    };
                };
            };
            /** @description Error codes: `invalid_json` */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `unauthorized` */
            401: {
                headers: {
                    /** @description The scheme to use */
                    "WWW-Authenticate"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `host_rejected`, `https_required`, `forbidden`, `csrf_rejected`, `origin_rejected` */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `already_exists`, `sso_decides`, `session_changed` */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `payload_too_large` */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `unsupported_media_type` */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `validation_failed` */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `rate_limited`, `quota_exceeded` */
            429: {
                headers: {
                    /** @description Seconds after which to try again */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `internal_error` */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `config_error`, `build_mismatch`, `overloaded`, `database_unavailable` */
            503: {
                headers: {
                    /** @description Seconds after which to try again */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    putControllerUsersByUserId: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Id of a user */
                user_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["UserChange"];
            };
        };
        responses: {
            /** @description Success */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @enum {boolean} */
                        success: true;
                        message: string;
                        data: components["schemas"]["User"];
                    };
                };
            };
            /** @description Error codes: `invalid_json` */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `unauthorized` */
            401: {
                headers: {
                    /** @description The scheme to use */
                    "WWW-Authenticate"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `host_rejected`, `https_required`, `forbidden`, `csrf_rejected`, `origin_rejected` */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `not_found` */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `version_conflict`, `last_superadmin`, `sso_decides`, `session_changed` */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `payload_too_large` */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `unsupported_media_type` */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `validation_failed` */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `rate_limited`, `quota_exceeded` */
            429: {
                headers: {
                    /** @description Seconds after which to try again */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `internal_error` */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `config_error`, `build_mismatch`, `overloaded`, `database_unavailable` */
            503: {
                headers: {
                    /** @description Seconds after which to try again */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    postControllerUsersByUserIdLinks: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Id of a user */
                user_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NewLink"];
            };
        };
        responses: {
            /** @description Success */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @enum {boolean} */
                        success: true;
                        message: string;
                        data: components["schemas"]["OneTimeLink"];
                    };
                };
            };
            /** @description Error codes: `invalid_json` */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `unauthorized` */
            401: {
                headers: {
                    /** @description The scheme to use */
                    "WWW-Authenticate"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `host_rejected`, `https_required`, `forbidden`, `csrf_rejected`, `origin_rejected` */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `not_found` */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `sso_decides`, `session_changed` */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `payload_too_large` */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `unsupported_media_type` */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `validation_failed` */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `rate_limited` */
            429: {
                headers: {
                    /** @description Seconds after which to try again */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `internal_error` */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `config_error`, `build_mismatch`, `overloaded`, `database_unavailable` */
            503: {
                headers: {
                    /** @description Seconds after which to try again */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    postControllerUsersByUserIdEndSessions: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Id of a user */
                user_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @enum {boolean} */
                        success: true;
                        message: string;
                        ended: number;
                    };
                };
            };
            /** @description Error codes: `unauthorized` */
            401: {
                headers: {
                    /** @description The scheme to use */
                    "WWW-Authenticate"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `host_rejected`, `https_required`, `forbidden`, `csrf_rejected`, `origin_rejected` */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `not_found` */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `session_changed` */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `validation_failed` */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `rate_limited` */
            429: {
                headers: {
                    /** @description Seconds after which to try again */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `internal_error` */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `config_error`, `build_mismatch`, `overloaded`, `database_unavailable` */
            503: {
                headers: {
                    /** @description Seconds after which to try again */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    getControllerLoginThrottles: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @enum {boolean} */
                        success: true;
                        message: string;
                        data: components["schemas"]["LoginThrottles"];
                    };
                };
            };
            /** @description Error codes: `unauthorized` */
            401: {
                headers: {
                    /** @description The scheme to use */
                    "WWW-Authenticate"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `host_rejected`, `https_required`, `forbidden`, `csrf_rejected`, `origin_rejected` */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `not_found` */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `session_changed` */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `validation_failed` */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `rate_limited` */
            429: {
                headers: {
                    /** @description Seconds after which to try again */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `internal_error` */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `config_error`, `build_mismatch`, `overloaded`, `database_unavailable` */
            503: {
                headers: {
                    /** @description Seconds after which to try again */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    postControllerLoginThrottlesLift: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["LiftThrottle"];
            };
        };
        responses: {
            /** @description Success */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @enum {boolean} */
                        success: true;
                        message: string;
                        /** @description Failures that were forgotten */
                        failures: number;
                    };
                };
            };
            /** @description Error codes: `invalid_json` */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `unauthorized` */
            401: {
                headers: {
                    /** @description The scheme to use */
                    "WWW-Authenticate"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `host_rejected`, `https_required`, `forbidden`, `csrf_rejected`, `origin_rejected` */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `not_found` */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `session_changed` */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `payload_too_large` */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `unsupported_media_type` */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `validation_failed` */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `rate_limited` */
            429: {
                headers: {
                    /** @description Seconds after which to try again */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `internal_error` */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `config_error`, `build_mismatch`, `overloaded`, `database_unavailable` */
            503: {
                headers: {
                    /** @description Seconds after which to try again */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    getControllerApiTokens: {
        parameters: {
            query?: {
                /** @description Page number, from 1 */
                page?: number;
                /** @description Entries on a page */
                page_size?: number;
                /** @description The `next_cursor` of the answer before, with the same filters and order. An entry that exists throughout, and keeps its place in the order, is returned exactly once, whatever is added or deleted meanwhile. With a cursor, `page` is ignored */
                cursor?: string;
                /** @description Include revoked and expired tokens */
                ended?: "true" | "false";
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @enum {boolean} */
                        success: true;
                        message: string;
                        data: {
                            items: components["schemas"]["ApiToken"][];
                            page: number;
                            page_size: number;
                            total_items: number;
                            total: number;
                            total_pages: number;
                            has_next: boolean;
                            has_prev: boolean;
                            /** @description The cursor of the next page; null: this is the last */
                            next_cursor: string | null;
                            /** @description Entries in this answer */
                            returned: number;
                            /** @description Whether more entries match */
                            truncated: boolean;
                        };
                    };
                };
            };
            /** @description Error codes: `unauthorized` */
            401: {
                headers: {
                    /** @description The scheme to use */
                    "WWW-Authenticate"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `host_rejected`, `https_required`, `forbidden`, `csrf_rejected`, `origin_rejected` */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `not_found` */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `session_changed` */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `validation_failed` */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `rate_limited` */
            429: {
                headers: {
                    /** @description Seconds after which to try again */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `internal_error` */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `config_error`, `build_mismatch`, `overloaded`, `database_unavailable` */
            503: {
                headers: {
                    /** @description Seconds after which to try again */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    postControllerApiTokens: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NewApiToken"];
            };
        };
        responses: {
            /** @description Success */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @enum {boolean} */
                        success: true;
                        message: string;
                        data: {
                            key_id: string;
                            name: string;
                            scopes: ("read" | "operate" | "admin")[];
                            /** @description Bound to these organizations only, as far as the caller may see them; null: sees all */
                            organizations: string[] | null;
                            /**
                             * @description `maker_ended`: its maker could not make it any more, so it is refused
                             * @enum {string}
                             */
                            state: "valid" | "expired" | "revoked" | "maker_ended";
                            created_by: string;
                            /**
                             * Format: date-time
                             * @description ISO 8601, UTC
                             * @example 2025-10-28T19:00:24.185Z
                             */
                            created_at: string;
                            /**
                             * Format: date-time
                             * @description ISO 8601, UTC
                             * @example 2025-10-28T19:00:24.185Z
                             */
                            expires_at: string | null;
                            /**
                             * Format: date-time
                             * @description To the minute
                             * @example 2025-10-28T19:00:24.185Z
                             */
                            last_used_at: string | null;
                            /**
                             * Format: date-time
                             * @description ISO 8601, UTC
                             * @example 2025-10-28T19:00:24.185Z
                             */
                            revoked_at: string | null;
                            /** @description The secret itself. Shown in this answer and never again */
                            api_token: string;
                        };
                    };
                };
            };
            /** @description Error codes: `invalid_json` */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `unauthorized` */
            401: {
                headers: {
                    /** @description The scheme to use */
                    "WWW-Authenticate"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `host_rejected`, `https_required`, `forbidden`, `csrf_rejected`, `origin_rejected` */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `session_changed` */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `payload_too_large` */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `unsupported_media_type` */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `validation_failed` */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `rate_limited`, `quota_exceeded` */
            429: {
                headers: {
                    /** @description Seconds after which to try again */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `internal_error` */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `config_error`, `build_mismatch`, `overloaded`, `database_unavailable` */
            503: {
                headers: {
                    /** @description Seconds after which to try again */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    deleteControllerApiTokensByKeyId: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Key id of the token: its first 10 characters after the prefix */
                key_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @enum {boolean} */
                        success: true;
                        message: string;
                        data: components["schemas"]["ApiToken"];
                    };
                };
            };
            /** @description Error codes: `unauthorized` */
            401: {
                headers: {
                    /** @description The scheme to use */
                    "WWW-Authenticate"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `host_rejected`, `https_required`, `forbidden`, `csrf_rejected`, `origin_rejected` */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `not_found` */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `session_changed` */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `validation_failed` */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `rate_limited` */
            429: {
                headers: {
                    /** @description Seconds after which to try again */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `internal_error` */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `config_error`, `build_mismatch`, `overloaded`, `database_unavailable` */
            503: {
                headers: {
                    /** @description Seconds after which to try again */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    getInternalLogs: {
        parameters: {
            query?: {
                /** @description Part of the message */
                q?: string;
                /** @description Only lines of this level */
                level?: "DEBUG" | "INFO" | "WARNING" | "ERROR" | "CRITICAL";
                /** @description The `next_cursor` of the answer before, with the same filters. The walk goes from the newest to the oldest, and each entry that exists throughout is returned exactly once. What happens meanwhile is newer, and so not in it; nor is an entry not read yet whose repeat takes its place meanwhile */
                cursor?: string;
                /** @description Newest lines to return. More than 1000 counts as 1000, and `limit_capped` says so */
                limit?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Logs"];
                };
            };
            /** @description Error codes: `unauthorized` */
            401: {
                headers: {
                    /** @description The scheme to use */
                    "WWW-Authenticate"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `host_rejected`, `https_required`, `forbidden`, `csrf_rejected`, `origin_rejected` */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `not_found` */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `session_changed` */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `validation_failed` */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `rate_limited` */
            429: {
                headers: {
                    /** @description Seconds after which to try again */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `internal_error` */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `config_error`, `build_mismatch`, `overloaded` */
            503: {
                headers: {
                    /** @description Seconds after which to try again */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    getControllerLogs: {
        parameters: {
            query?: {
                /** @description Part of the message */
                q?: string;
                /** @description Only lines of this level */
                level?: "DEBUG" | "INFO" | "WARNING" | "ERROR" | "CRITICAL";
                /** @description The `next_cursor` of the answer before, with the same filters. The walk goes from the newest to the oldest, and each entry that exists throughout is returned exactly once. What happens meanwhile is newer, and so not in it; nor is an entry not read yet whose repeat takes its place meanwhile */
                cursor?: string;
                /** @description Newest lines to return */
                page_size?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Logs"];
                };
            };
            /** @description Error codes: `unauthorized` */
            401: {
                headers: {
                    /** @description The scheme to use */
                    "WWW-Authenticate"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `host_rejected`, `https_required`, `forbidden`, `csrf_rejected`, `origin_rejected` */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `not_found` */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `session_changed` */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `validation_failed` */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `rate_limited` */
            429: {
                headers: {
                    /** @description Seconds after which to try again */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `internal_error` */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `config_error`, `build_mismatch`, `overloaded` */
            503: {
                headers: {
                    /** @description Seconds after which to try again */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    getStream: {
        parameters: {
            query?: {
                /** @description From 0; `hello` says how many there are */
                shard?: number;
                /** @description `epoch.index` of the last received change, to continue from there */
                cursor?: string;
                /** @description The person whose session the cookie should be; another one is refused with 409 */
                user?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The WebSocket is open */
            101: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description Does not occur: see 101 */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description Error codes: `unauthorized` */
            401: {
                headers: {
                    /** @description The scheme to use */
                    "WWW-Authenticate"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `host_rejected`, `https_required`, `forbidden`, `csrf_rejected`, `origin_rejected` */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `not_found` */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `session_changed` */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `validation_failed` */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `upgrade_required` */
            426: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `rate_limited` */
            429: {
                headers: {
                    /** @description Seconds after which to try again */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `internal_error` */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Error codes: `config_error`, `build_mismatch`, `overloaded` */
            503: {
                headers: {
                    /** @description Seconds after which to try again */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
}
