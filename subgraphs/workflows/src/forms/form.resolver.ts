import { Allow, Form, inherit, makeForm, type Context } from "@weft/shared";
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
      "What `completeTask` asks for as `input`, whatever the transition. Null when the task has no form of its own (then the transition may have one), when it is over, or not yours to complete.",
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
    description: "What is to be filled in as `input`, as it stands for you now; null when there is no form.",
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
      "Its forms: those with names, then those that stand where they are asked for. What depends on an instance's data is shown as if it were asked for. Null, with QUERY_LIMIT_EXCEEDED, when one operation asks for too much.",
  })
  @Allow(inherit)
  forms(@Root() definition: Definition, @Ctx() ctx: Context): Promise<readonly Form[]> {
    return definitionForms(ctx, definition);
  }
}
