import type { Context } from "@weft/api/context";
import { Form, makeForm } from "@weft/api/forms";
import { Allow, inherit } from "@weft/api/rules";
import type { SubgraphModule } from "@weft/api/subgraph";
import { Ctx, FieldResolver, Resolver, Root } from "type-graphql";
import { Definition } from "../definitions/definition.type.js";
import { AvailableTransition } from "../instances/instance.type.js";
import { isWaiting, Task } from "../tasks/task.type.js";
import { definitionForms, taskForm } from "./form.service.js";

@Resolver(() => Task)
export class TaskFormResolver {
  @FieldResolver(() => Form, {
    nullable: true,
    description:
      "The form for the `input` of `completeTask`, whatever the transition. Null if the task has no form of its own (its transitions can have forms), if it is over, or if you cannot complete it.",
  })
  @Allow(inherit)
  async form(@Root() { row }: Task, @Ctx() ctx: Context): Promise<Form | null> {
    return isWaiting(row) ? taskForm(ctx, row.id) : null;
  }
}

@Resolver(() => AvailableTransition)
export class TransitionFormResolver {
  @FieldResolver(() => Form, {
    nullable: true,
    description:
      "The form for `input`, as it applies to you now. It is made from the schema if the definition has no form here. Null if there is nothing to fill in.",
  })
  @Allow(inherit)
  form(@Root() { form }: AvailableTransition, @Ctx() ctx: Context): Promise<Form> | null {
    return form && makeForm(ctx, form);
  }
}

@Resolver(() => Definition)
export class DefinitionFormsResolver {
  @FieldResolver(() => [Form], {
    nullable: true,
    description:
      "Forms of the definition: first named forms, then inline forms. Fields that depend on an instance's data are shown as if they applied. Null, with QUERY_LIMIT_EXCEEDED, if one operation requests too much.",
  })
  @Allow(inherit)
  forms(@Root() definition: Definition, @Ctx() ctx: Context): Promise<readonly Form[]> {
    return definitionForms(ctx, definition);
  }
}

export const taskFormModule: SubgraphModule = {
  resolvers: { tasks: [TaskFormResolver, TransitionFormResolver], definitions: [DefinitionFormsResolver] },
};
