"""The contract of stores as checks that any store can be put to: for whoever writes one.

    @pytest.mark.parametrize("check", CONTRACT + SHARED, ids=lambda check: check.__name__)
    def test_the_contract(check, tmp_path):
        asyncio.run(check(lambda shape: MyStore(f"/{tmp_path}/counts", shape)))

Each check is given a function that makes a store for a place which is empty at first: the same
place each time it is called, and not yet open. It raises AssertionError where the contract is not
kept. None of them asks for transactions. How to write a store: docs/how-to/stores.md.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Final

from firstparty.contract import closings, counts, forgetting, imports, names, owner, processes
from firstparty.contract.place import Make

Check = Callable[[Make], Awaitable[None]]

CONTRACT: Final[tuple[Check, ...]] = (
    counts.a_batch_is_added_to_what_is_there,
    counts.a_batch_is_written_once_however_often_it_is_tried,
    counts.a_selection_sums_over_what_it_does_not_tell_apart,
    counts.crossed_counts_are_selected_by_page_and_by_value,
    counts.a_selection_gives_at_least_the_metrics_and_the_cells_that_it_asks_for,
    counts.every_metric_is_kept_also_where_it_is_large,
    counts.every_count_is_told_once,
    counts.the_last_batch_of_each_writer_is_told,
    counts.the_first_day_has_a_view_and_the_oldest_any_count,
    names.past_the_cap_of_names_values_count_as_other_and_nothing_is_lost,
    names.past_the_cap_of_pairs_new_ones_are_not_kept_and_old_ones_go_on,
    names.names_are_told_when_they_change_and_again_when_asked,
    names.a_text_of_any_script_and_signs_is_a_name,
    names.a_struck_name_is_nowhere_and_every_sum_is_as_it_was,
    names.struck_names_that_become_one_count_are_summed,
    names.a_pattern_is_kept_once_until_it_is_allowed,
    forgetting.what_is_old_is_forgotten_and_the_names_that_nothing_has,
    forgetting.a_mark_is_kept_once_where_it_was_first_and_marks_are_told_in_time,
    forgetting.marks_are_forgotten_with_the_days_they_are_on_and_with_nothing_else,
    forgetting.of_too_many_marks_the_oldest_leave_first,
    owner.a_note_is_kept_once_a_day_and_goes_alone,
    owner.links_are_told_in_the_order_they_were_made_until_they_are_revoked,
    owner.of_too_many_links_the_oldest_leave_first,
    closings.what_is_closed_is_told_and_forgotten_in_time,
    closings.a_quiet_day_keeps_its_total_and_its_pages,
    closings.days_are_closed_together_as_they_are_one_by_one,
    closings.a_closed_month_loses_what_is_small_once,
    closings.what_comes_too_late_is_left_out_and_told,
    closings.pairs_that_went_leave_room_for_others,
    imports.counts_of_an_import_are_summed_with_others_and_told_apart,
    imports.an_import_that_is_undone_leaves_what_was_there_before,
    imports.imports_begin_one_after_the_other_each_under_its_own_name,
    imports.counts_of_an_import_are_struck_closed_and_forgotten_as_others,
    imports.a_day_that_was_empty_here_may_have_been_counted_elsewhere,
)
"""What every store keeps."""

SHARED: Final[tuple[Check, ...]] = (
    processes.what_was_written_is_there_when_it_is_opened_again,
    processes.two_processes_learn_each_others_names,
    processes.a_name_that_another_process_forgot_can_come_back,
    processes.a_batch_that_another_process_tries_again_adds_nothing,
    processes.what_another_process_closed_takes_no_late_counts,
    processes.a_closed_month_loses_what_nobody_counts_any_more,
    processes.what_another_process_struck_or_blocked_is_told,
    processes.processes_that_begin_at_once_make_one_store,
    processes.what_several_processes_write_at_once_is_all_there,
    processes.another_time_zone_is_a_new_start_and_the_old_one_is_kept,
    processes.marks_are_those_of_the_site,
    processes.what_is_old_goes_in_every_site,
)
"""What a store keeps beside it that outlives a process, and that several use at once."""
