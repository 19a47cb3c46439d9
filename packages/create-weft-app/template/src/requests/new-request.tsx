import { useAction, useLiveQuery, WeftForm } from "@weft/react";
import { graphql } from "../gql";
import { Empty, Loading, Page } from "../page";
import { navigate } from "../router";

const requestTypesQuery = graphql(`
  query RequestTypes {
    liveCursor
    requestTypes(first: 100) {
      edges {
        node {
          id
          key
          name
          description
          form {
            name
            title
            description
            schema
            uiSchema
            data
          }
        }
      }
    }
  }
`);

const createRequest = graphql(`
  mutation CreateRequest($input: CreateRequestInput!) {
    createRequest(input: $input) {
      request {
        id
      }
    }
  }
`);

/** Chooses a type of request, and fills in its form. */
export function NewRequest({ typeKey }: { readonly typeKey: string | null }) {
  // Types change rarely: nothing is followed.
  const { data, error, status, isLoading } = useLiveQuery(requestTypesQuery, []);
  const { run, error: refusal } = useAction(createRequest);
  // A type without a form is not available to this user.
  const types = data?.requestTypes?.edges.map(({ node }) => node).filter(({ form }) => form) ?? [];
  const chosen = types.find(({ key }) => key === typeKey);

  async function create(input: object) {
    const created = await run({ input: { typeKey: typeKey ?? "", ...input } });
    if (created?.createRequest?.request) navigate(`/requests/${created.createRequest.request.id}`);
  }

  if (chosen?.form)
    return (
      <Page key={chosen.key} title={chosen.name} back={["/requests/new", "Other kinds of requests"]}>
        <div className="card narrow">
          <WeftForm form={chosen.form} prefix="input" error={refusal} onSubmit={create}>
            <button type="submit" className="primary">
              Create the request
            </button>
          </WeftForm>
        </div>
      </Page>
    );
  return (
    <Page title="New request" back={["/requests", "Requests"]}>
      {isLoading && types.length === 0 && <Loading />}
      {error && <Empty>{error.message}</Empty>}
      {!isLoading && status !== "signedOut" && types.length === 0 && !error && <Empty>There is no request that you can create.</Empty>}
      <ul className="list">
        {types.map(({ id, key, name, description }) => (
          <li key={id}>
            <a className="row" href={`#/requests/new/${key}`}>
              <span className="what">
                <strong>{name}</strong>
                <span className="meta">{description}</span>
              </span>
            </a>
          </li>
        ))}
      </ul>
    </Page>
  );
}
