import { PeriodFilter } from "@weft/api/periods";
import { InputType } from "type-graphql";

@InputType({ description: "The period of the figures." })
export class VendorPerformanceFilter extends PeriodFilter {}
