-- Replaced by the trigger of the same name on events.log.
drop trigger if exists assets_follow on workflows.instances;
