import { Trans } from "@lingui/react/macro";
import { getRouteApi } from "@tanstack/react-router";
import { ErrorMessage, useLiveQuery, type FormDescription } from "@weft/react";
import { Message } from "../frame/messages";
import { useViewerId } from "../frame/viewer";
import { Placeholders } from "../parts/placeholders";
import { BackToPortal } from "./back-to-portal";
import { draftQuery, requestsChanged, typeQuery } from "./portal-operations";
import "./portal.css";
import { RequestForm } from "./request-form";

const route = getRouteApi("/portal/new/$typeKey");
const never = { concerns: () => false };

/** The form of a new request, or of one that was saved for later. */
export function NewRequestPage() {
  const { typeKey } = route.useParams();
  const { draft } = route.useSearch();
  const viewerId = useViewerId();
  const { data, error, isLoading } = useLiveQuery(typeQuery, requestsChanged, { key: typeKey }, never);
  const type = data?.requestTypes?.edges[0]?.node ?? null;
  if (viewerId === null || (isLoading && data === null)) return <Loading />;
  if (type === null || type.form === null)
    return error === null ? (
      <Message title={<Trans>There is no such request in the catalog, or you cannot make it.</Trans>}>
        <BackToPortal />
      </Message>
    ) : (
      <Message title={<Trans>The form could not be loaded.</Trans>}>
        <ErrorMessage error={error} />
      </Message>
    );
  return (
    <div className="portal" data-page="form">
      <BackToPortal />
      <header>
        <h1>{type.name}</h1>
        {type.description !== "" && <p className="soft">{type.description}</p>}
      </header>
      {draft === undefined ? (
        <RequestForm key={typeKey} {...{ typeKey, viewerId }} form={{ ...type.form, title: type.name, description: null }} saved={null} />
      ) : (
        <SavedForm key={draft} id={draft} {...{ typeKey, viewerId }} form={{ ...type.form, title: type.name, description: null }} />
      )}
    </div>
  );
}

interface SavedFormProps {
  readonly id: string;
  readonly typeKey: string;
  readonly viewerId: string;
  readonly form: FormDescription;
}

function SavedForm({ id, form, ...props }: SavedFormProps) {
  const { data, error, isLoading } = useLiveQuery(draftQuery, requestsChanged, { id }, never);
  if (data === null && isLoading) return <Placeholders />;
  const request = data?.request;
  if (!request)
    return error && error.code !== "NOT_FOUND" ? (
      <ErrorMessage error={error} />
    ) : (
      <p>
        <Trans>There is no such request, or you cannot see it.</Trans>
      </p>
    );
  const { data: answers, building, asset, space, version } = request;
  const places = {
    ...(building && { buildingId: building.id }),
    ...(asset && { assetId: asset.id }),
    ...(space && { spaceId: space.id }),
  };
  const initial = { ...(form.data as object), data: answers, ...places };
  return <RequestForm {...props} form={{ ...form, data: initial }} saved={{ id, version }} />;
}

const Loading = () => (
  <div className="portal" data-page="form">
    <Placeholders count={5} />
  </div>
);
