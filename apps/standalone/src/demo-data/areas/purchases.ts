import { seedOperations } from "../../seed/seed-operations.js";
import type { DemoArea } from "../area.js";
import { dateIn } from "../dates.js";
import type { Stage } from "../stage.js";
import type { Story } from "../timeline.js";

type End = "draft" | "first_approval" | "second_approval" | "committee" | "ordering" | "ordered" | "received" | "rejected" | "withdrawn";

interface Purchase {
  readonly by: "sales" | "dev" | "requester";
  readonly title: string;
  readonly amount: number;
  readonly vendorName: string;
  readonly costCenter: string;
  readonly reason: string;
  /** Days ago. */
  readonly made: number;
  readonly end: End;
}

const planned: readonly Purchase[] = [
  {
    by: "dev",
    title: "Twelve 27-inch monitors",
    amount: 4_380,
    vendorName: "Bright Screens",
    costCenter: "EN-2100",
    reason: "The old ones are eight years old.",
    made: 82,
    end: "received",
  },
  {
    by: "sales",
    title: "Booth for the spring trade fair",
    amount: 9_200,
    vendorName: "Expo Partners",
    costCenter: "SA-1200",
    reason: "Same size as last year.",
    made: 71,
    end: "received",
  },
  {
    by: "requester",
    title: "First aid kits for both buildings",
    amount: 640,
    vendorName: "SafeWork Supplies",
    costCenter: "FA-1000",
    reason: "Half of the current ones have expired.",
    made: 55,
    end: "received",
  },
  {
    by: "dev",
    title: "Racing simulator for the break room",
    amount: 3_900,
    vendorName: "Playroom",
    costCenter: "EN-2100",
    reason: "Team spirit.",
    made: 47,
    end: "rejected",
  },
  {
    by: "sales",
    title: "Five tablets for field visits",
    amount: 2_750,
    vendorName: "Bright Screens",
    costCenter: "SA-1200",
    reason: "For signing on site.",
    made: 30,
    end: "withdrawn",
  },
  {
    by: "requester",
    title: "Height-adjustable desks for floor 3",
    amount: 8_640,
    vendorName: "Desk & Co",
    costCenter: "FA-1000",
    reason: "Sixteen desks, after the survey.",
    made: 16,
    end: "ordered",
  },
  {
    by: "sales",
    title: "Printed catalogs, 2,000 copies",
    amount: 980,
    vendorName: "Harbor Print",
    costCenter: "SA-1200",
    reason: "For the fall tour.",
    made: 8,
    end: "ordering",
  },
  {
    by: "dev",
    title: "Test server with two GPUs",
    amount: 24_900,
    vendorName: "Rackworks",
    costCenter: "EN-2200",
    reason: "The current one is a bottleneck for every release.",
    made: 12,
    end: "committee",
  },
  {
    by: "requester",
    title: "Label printers for the warehouse",
    amount: 3_150,
    vendorName: "Rackworks",
    costCenter: "WH-3000",
    reason: "Two out of four are broken.",
    made: 6,
    end: "second_approval",
  },
  {
    by: "sales",
    title: "Customer dinner, 20 people",
    amount: 1_400,
    vendorName: "The Pier",
    costCenter: "SA-1200",
    reason: "To celebrate the end of the contract negotiations.",
    made: 4,
    end: "first_approval",
  },
  {
    by: "dev",
    title: "Licenses for a load testing tool",
    amount: 890,
    vendorName: "Loadwise",
    costCenter: "EN-2200",
    reason: "One year, five seats.",
    made: 1.5,
    end: "first_approval",
  },
  {
    by: "requester",
    title: "Plants for the lobby",
    amount: 520,
    vendorName: "Green Office",
    costCenter: "FA-1000",
    reason: "After the renovation.",
    made: 0.7,
    end: "draft",
  },
];

export const purchases: DemoArea = {
  name: "purchases",
  async prepare(stage) {
    await stage.as("admin").api.run(seedOperations.createRequestType, {
      input: {
        key: "purchase",
        name: "Purchase",
        description: "A purchase is needed.",
        definitionKey: "purchase-approval",
        numberPrefix: "PO",
        submitTransition: "submit",
        cancelTransition: "withdraw",
        fields: ["title", "amount", "currency", "vendorName", "costCenter", "neededBy", "reason"],
      },
    });
  },
  stories: (stage) => planned.map((one) => purchase(stage, one)),
};

async function* purchase(stage: Stage, { by, made, end, ...fields }: Purchase): Story {
  const { random } = stage;
  const requester = stage.as(by);
  // Drawn before the first step. After that, the order of the stories depends on when their calls return.
  const days = {
    approval: random.between(0.3, 1.4),
    again: random.between(0.3, 1.4),
    vote: random.between(0.3, 1.4),
    order: random.between(0.3, 1.4),
  };
  let at = made;
  const after = (days: number): number => (at = Math.max(0.02, at - days));

  yield at;
  const { title, amount, vendorName, costCenter, reason } = fields;
  const data = { title, amount, currency: "EUR", vendorName, costCenter, reason, neededBy: dateIn(21 - made) };
  const request = await requester.create({ typeKey: "purchase", data });
  if (end === "draft") return;
  yield after(0.1);
  if (end === "withdrawn") return requester.cancel(request, "We will lease them instead.");
  await requester.submit(request);
  if (end === "first_approval") return;
  yield after(days.approval);
  if (end === "rejected") return stage.as("approver").complete(request.instanceId, "reject", { comment: "Not from this budget." });
  await stage.as("approver").complete(request.instanceId, "approve", { comment: "Approved from my side." });
  if (end === "second_approval") return;
  if (amount > 1_000) {
    yield after(days.again);
    await stage.as("manager").complete(request.instanceId, "approve");
  }
  if (end === "committee") {
    yield after(days.vote);
    return stage.as("admin").complete(request.instanceId, "approve", { comment: "It pays for itself within the year." });
  }
  if (end === "ordering") return;
  yield after(days.order);
  await stage
    .as("operations")
    .complete(request.instanceId, "order", { input: { orderNumber: `4500${String(Math.round(made * 131)).padStart(6, "0")}` } });
  if (end === "ordered") return;
  yield after(8);
  await requester.fire(request.instanceId, "receive");
}
