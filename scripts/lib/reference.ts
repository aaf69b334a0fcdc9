import { app } from "../../worker/app.ts";
import { openApiDocument } from "../../worker/routes/openapi.ts";
import { frameReference } from "./frame-reference.ts";
import { type OpenApi, restReference } from "./rest-reference.ts";
import { streamReference } from "./stream-reference.ts";

/** The text of docs/reference.md, from what the Worker declares. */
export function reference(): string {
  return `# Reference

Written by \`npm run docs:reference\` from the sources of the Worker. Do not edit.

Frames: [from an orchestrator](#from-an-orchestrator), [to an orchestrator](#to-an-orchestrator), [limits](#limits),
[error codes](#error-codes-of-frames), [close codes](#close-codes). Stream: [frames](#frames-on-apiv1stream). REST: [routes](#rest), [error codes](#error-codes),
[schemas](#schemas).

${frameReference()}
${streamReference()}
${restReference(openApiDocument(app) as unknown as OpenApi)}`;
}
