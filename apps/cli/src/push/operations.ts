// The operations of `weft operations push`. Where only stored operations are accepted, they are accepted, too, so that it can store further ones.

export const find =
  "query FindApplication($key: String!) { applications(first: 1, filter: { key: { eq: $key } }) { edges { node { id } } } }";
export const create =
  "mutation CreateApplication($input: CreateApplicationInput!) { createApplication(input: $input) { application { id } } }";
export const push =
  "mutation PushOperations($input: PushOperationsInput!) { pushOperations(input: $input) { manifest { id number documentCount } } }";
