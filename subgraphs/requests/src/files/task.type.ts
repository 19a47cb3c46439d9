import { encodeId } from "@weft/shared/ids";
import { Allow, inherit } from "@weft/api/rules";
import { Directive, Field, ID, ObjectType } from "type-graphql";

@ObjectType()
@Directive('@key(fields: "nodeKey")')
@Allow(inherit)
export class Task {
  @Directive("@inaccessible")
  @Field(() => ID, { description: "ID, as the key for references from other subgraphs." })
  nodeKey!: string;

  // Required by `attachments`, so that every query plan asks the task's owner, which alone knows whether the viewer can see the task.
  @Directive("@external")
  @Field(() => ID, { description: "ID (`tsk_…`)." })
  id!: string;
}

/** Returns references to tasks by their UUIDs. The owner resolves all other fields. */
export const taskStubs = (uuids: readonly string[]): Task[] =>
  uuids.map((uuid) => Object.assign(new Task(), { nodeKey: encodeId("task", uuid) }));
