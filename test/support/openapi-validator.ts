import { Ajv2020, type ValidateFunction } from "ajv/dist/2020.js";
import addFormats from "ajv-formats";
import { pathMatcher } from "./path-templates.ts";

interface OpenApi {
  components: { schemas: Record<string, unknown> };
  paths: Record<
    string,
    Record<string, { responses: Record<string, { content?: Record<string, { schema: object }> }> }>
  >;
}

/** What is wrong with an answer by the OpenAPI document; empty when nothing is. */
export type ResponseValidator = (method: string, path: string, status: number, body: unknown) => string[];

export function openApiValidator(raw: unknown): ResponseValidator {
  const document = raw as OpenApi;
  const ajv = new Ajv2020({ strict: false, allErrors: true, formats: { int32: true, int64: true } });
  addFormats.default(ajv);
  const known = new Map<string, ValidateFunction>();
  // Parameters go by different names in the documents: org_id, id.
  const shape = (path: string) => path.replaceAll(/\{\w+\}/g, "{}");
  const paths = new Map(Object.entries(document.paths).map(([path, item]) => [shape(path), item]));
  return (method, path, status, body) => {
    const responses = paths.get(shape(path))?.[method.toLowerCase()]?.responses;
    const schema = responses?.[status]?.content?.["application/json"]?.schema;
    if (!schema) return [`${status} of ${method} ${path} is not described`];
    const key = `${method} ${shape(path)} ${status}`;
    const check = known.get(key) ?? ajv.compile({ ...schema, components: document.components });
    known.set(key, check);
    return check(body) ? [] : (check.errors ?? []).map((error) => `${error.instancePath} ${error.message}`);
  };
}

/**
 * What is wrong with an answer to a concrete path. Paths and methods that the document does not know are passed over:
 * their 404 and 405 have no operation to belong to.
 */
export function answerChecker(raw: unknown): ResponseValidator {
  const document = raw as OpenApi;
  const validate = openApiValidator(raw);
  const templates = Object.entries(document.paths).map(([template, item]) => ({
    template,
    value: { template, methods: Object.keys(item) },
  }));
  const find = pathMatcher(templates);
  return (method, path, status, body) => {
    const known = find(path, ({ methods }) => methods.includes(method.toLowerCase()));
    return known ? validate(method, known.template, status, body) : [];
  };
}
