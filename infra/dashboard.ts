import type { Alarms } from './alarms.ts';
import { dashboardRows } from './dashboard-rows.ts';
import type { Metric } from './metric.ts';
import type { Settings } from './settings.ts';
import type { Sources } from './sources.ts';

type Graph = (typeof dashboardRows)[number]['graphs'][number];

/** The width of a dashboard, in CloudWatch's units, and the height of its parts. */
const WIDTH = 24;
const GRAPHS_A_LINE = 4;
const HEIGHT = { heading: 1, graph: 6, status: 3 };

/** One page for whoever is on call: which alarms stand, then traffic, latency, live, anti-cheat and data stores. */
export function createDashboard(
  settings: Settings,
  { sources, alarms }: { sources: Sources; alarms: Alarms['alarms'] },
) {
  return new aws.cloudwatch.Dashboard('Dashboard', {
    dashboardName: `laurel-${settings.stage}`,
    dashboardBody: $jsonStringify({
      widgets: [
        toStatus(alarms.map(({ arn }) => arn)),
        ...placeRows((graph) => toGraph(graph, sources, settings.region)),
      ],
    }),
  });
}

/** Headings and graphs below each other. What a stage lacks, such as Redis, has no graph. */
function placeRows(toWidget: (graph: Graph) => ReturnType<typeof toGraph>): object[] {
  let y = HEIGHT.status;
  return dashboardRows.flatMap(({ title, graphs }) => {
    const widgets = graphs.map(toWidget).filter(({ properties }) => properties.metrics.length > 0);
    const top = y + HEIGHT.heading;
    const placed = [
      { ...toHeading(title), x: 0, y },
      ...widgets.map((widget, index) => ({ ...widget, ...positionOf(index), y: top + lineOf(index) })),
    ];
    y = top + lineOf(widgets.length - 1) + HEIGHT.graph;
    return placed;
  });
}

function lineOf(index: number): number {
  return Math.floor(index / GRAPHS_A_LINE) * HEIGHT.graph;
}

function positionOf(index: number) {
  const width = WIDTH / GRAPHS_A_LINE;
  return { x: (index % GRAPHS_A_LINE) * width, width };
}

function toGraph({ title, metrics, limit }: Graph, sources: Sources, region: string) {
  return {
    type: 'metric',
    height: HEIGHT.graph,
    properties: {
      title,
      region,
      period: 60,
      view: 'timeSeries',
      yAxis: { left: { min: 0 } },
      metrics: metrics.flatMap((metric) => linesOf(metric, sources)),
      ...(limit === undefined ? {} : { annotations: { horizontal: [limit] } }),
    },
  };
}

/** CloudWatch's form of a metric: namespace, name, then each dimension's name and value. */
function linesOf({ source, name, statistic }: Metric, sources: Sources) {
  const { namespace, dimensions } = sources[source];
  return dimensions.map((dimensions) => [
    namespace,
    name,
    ...Object.entries(dimensions).flat(),
    { stat: statistic, label: `${name} ${statistic}` },
  ]);
}

function toHeading(title: string) {
  return {
    type: 'text',
    width: WIDTH,
    height: HEIGHT.heading,
    properties: { markdown: `## ${title}`, background: 'transparent' },
  };
}

function toStatus(arns: $util.Input<string>[]) {
  return {
    type: 'alarm',
    x: 0,
    y: 0,
    width: WIDTH,
    height: HEIGHT.status,
    properties: { title: 'Alarms', alarms: arns },
  };
}
