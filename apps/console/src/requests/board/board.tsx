import { Trans, useLingui } from "@lingui/react/macro";
import { ErrorMessage, useAction } from "@weft/react";
import { useMemo, useRef, useState } from "react";
import { Message } from "../../frame/messages";
import type { RequestFilter } from "../../gql/graphql";
import { useLoaded } from "../../parts/use-loaded";
import { requestTypesQuery, type RequestRow } from "../requests-operations";
import { useRequestsSearch } from "../use-requests-search";
import { useStates } from "../use-states";
import { BoardColumn } from "./board-column";
import { fireTransition, boardTransitionsQuery, type BoardInstance, type BoardTransition } from "./board-operations";
import { dropOf } from "./drop-of";
import { MoveDialog, type Move } from "./move-dialog";
import { useBoardKeys } from "./use-board-keys";

interface BoardProps {
  readonly filter: RequestFilter | null;
  readonly viewId: string | null;
}

/** The requests of one type in columns by state. A card moves only along the transitions of its workflow. */
export function Board({ filter, viewId }: BoardProps) {
  const { t } = useLingui();
  const { search, update } = useRequestsSearch();
  const loadedTypes = useLoaded(requestTypesQuery, {});
  const types = loadedTypes.data?.requestTypes?.edges.map(({ node }) => node) ?? null;
  const type = types?.find(({ key }) => key === search.type) ?? types?.[0] ?? null;
  const { states, error } = useStates(type === null ? null : { typeKeys: [type.key] });
  const [dragged, setDragged] = useState<RequestRow | null>(null);
  const [move, setMove] = useState<Move | null>(null);
  const [moved, setMoved] = useState<string | null>(null);
  const fire = useAction(fireTransition);
  const board = useRef<HTMLDivElement>(null);
  useBoardKeys(board);

  const draggedInstance = dragged?.workflow?.id ?? null;
  const loaded = useLoaded(boardTransitionsQuery, draggedInstance === null ? null : { id: draggedInstance }).data?.workflowInstance;
  const instance = loaded?.id === draggedInstance ? (loaded ?? null) : null;
  const ofType = useMemo<RequestFilter | null>(
    () => (type === null ? null : { and: [{ typeKey: { eq: type.key } }, ...(filter === null ? [] : [filter])] }),
    [type?.key, filter],
  );
  const failure = loadedTypes.error ?? error;
  if (failure !== null && (type === null || states === null))
    return (
      <Message title={<Trans>The board could not be loaded.</Trans>}>
        <ErrorMessage error={failure} />
      </Message>
    );
  if (types !== null && types.length === 0) return <Message title={<Trans>There are no types of requests yet</Trans>} />;
  if (type === null || ofType === null || states === null) return <div className="board" aria-busy="true" />;

  const tell = ({ number }: RequestRow, stateTitle: string): void => setMoved(t`${number} is now in the state ${stateTitle}.`);
  async function go(row: RequestRow, { version }: Pick<BoardInstance, "version">, transitions: readonly BoardTransition[]): Promise<void> {
    const [only] = transitions;
    const instanceId = row.workflow?.id;
    if (only === undefined || instanceId === undefined) return;
    setMoved(null);
    if (transitions.length > 1 || only.requiresComment || only.form !== null)
      return setMove({ row, instanceId, transitions: transitions.map(({ name }) => name) });
    const done = await fire.run({ input: { instanceId, transition: only.name, expectedVersion: version } });
    if (done) tell(row, only.toTitle);
  }
  const drop = (to: string): void => {
    if (dragged === null || instance === null) return;
    void go(
      dragged,
      instance,
      instance.availableTransitions.filter((one) => one.to === to && one.allowed),
    );
    setDragged(null);
  };
  return (
    <>
      <div className="board-bar">
        <label>
          <span className="hidden">
            <Trans>Type of the requests</Trans>
          </span>
          <select
            name="board-type"
            value={type.key}
            onChange={({ currentTarget }) => update({ type: currentTarget.value, state: undefined })}
          >
            {types?.map(({ key, name }) => (
              <option key={key} value={key}>
                {name}
              </option>
            ))}
          </select>
        </label>
        <p role="status" className="soft">
          {moved}
        </p>
        <ErrorMessage error={fire.error} />
      </div>
      <div className="board" ref={board} data-dragging={dragged !== null}>
        {states.map((state) => (
          <BoardColumn
            key={`${type.key} ${state.name}`}
            state={state}
            filter={ofType}
            viewId={viewId}
            drop={dragged === null ? null : dropOf({ dragged, states, instance, to: state.name })}
            onDrag={setDragged}
            onDrop={() => drop(state.name)}
            onFire={(row, of, transition) => void go(row, of, [transition])}
          />
        ))}
      </div>
      {move !== null && (
        <MoveDialog
          move={move}
          onClose={() => setMove(null)}
          onMoved={(stateTitle) => {
            setMove(null);
            tell(move.row, stateTitle);
          }}
        />
      )}
    </>
  );
}
