-- Makes a converted request findable by the fields of its new instance, and no longer by those of the former one.
create or replace trigger requests_converted after update of instance_id on requests.requests for each row
  when (old.instance_id is distinct from new.instance_id) execute function requests.index_request();
