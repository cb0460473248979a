"""The promise, line by line, each with the tests that try it (`tests/test_privacy.py`)."""

from __future__ import annotations

from typing import Final, NamedTuple


class Promise(NamedTuple):
    """One line of the promise, in English and in French, and the names of its tests."""

    en: str
    fr: str
    tests: tuple[str, ...]


PROMISES: Final = (
    Promise(
        (
            "No cookie is set or read for counting; nothing about you is stored in your browser,"
            " and no cache validator is left there."
        ),
        (
            "Pour compter, aucun cookie n’est déposé ni lu ; rien sur vous n’est enregistré dans"
            " votre navigateur, et aucun validateur de cache n’y est laissé."
        ),
        (
            "test_nothing_that_we_answer_sets_a_cookie_or_gives_the_browser_something_to_send_back",
            "test_the_snippet_and_the_stats_page_never_name_a_cookie_or_a_storage",
            "test_every_visitor_gets_the_same_header_that_says_counted",
        ),
    ),
    Promise(
        (
            "No identifier and no hash of a visitor exists anywhere, not even for a second. (A"
            " bounded cache in memory from a browser’s name to its family is the one place where a"
            " raw header outlives its request; it is never written.)"
        ),
        (
            "Aucun identifiant et aucun condensat d’un visiteur n’existe nulle part, pas même une"
            " seconde. (Un cache borné en mémoire, du nom d’un navigateur à sa famille, est le seul"
            " endroit où un en-tête brut survit à sa demande ; il n’est jamais écrit.)"
        ),
        (
            "test_the_package_has_no_means_to_make_a_hash_or_an_identifier",
            "test_random_numbers_are_drawn_for_no_visitor",
            "test_no_object_of_the_process_keeps_what_a_visitor_sent",
        ),
    ),
    Promise(
        "Your network address is never read: neither that of the connection nor one in a header.",
        (
            "Votre adresse réseau n’est jamais lue : ni celle de la connexion, ni celle d’un"
            " en-tête."
        ),
        (
            "test_a_sealed_value_raises_when_it_is_read",
            "test_documents_and_beacons_are_counted_without_reading_address_cookie_or_authorization",
            "test_the_stats_page_reads_the_password_of_its_reader_and_no_address_or_cookie",
            "test_it_is_so_too_under_wsgi_where_one_dictionary_has_all_that_the_server_knows",
            "test_no_module_names_the_client_a_cookie_or_a_forwarding_header",
        ),
    ),
    Promise(
        (
            "Nothing is sent to another host, and no page of this program loads anything from"
            " another host."
        ),
        (
            "Rien n’est envoyé à un autre hôte, et aucune page de ce programme ne charge quoi que"
            " ce soit depuis un autre hôte."
        ),
        (
            "test_what_counts_never_loads_what_can_ask_a_site",
            "test_the_package_has_no_means_to_send_anything_anywhere",
            "test_no_page_of_ours_loads_anything_from_another_host",
        ),
    ),
    Promise(
        (
            "Only counts are stored. There is no row per visit, and no time finer than an hour but"
            " for the site’s bare total per minute, kept for one hour."
        ),
        (
            "Seuls des comptes sont conservés. Il n’y a pas de ligne par visite, ni d’heure plus"
            " fine que l’heure, sauf le total nu du site par minute, gardé une heure."
        ),
        (
            "test_a_thousand_more_visits_add_numbers_and_no_row",
            "test_no_time_in_the_file_is_finer_than_an_hour_but_the_bare_total_of_the_last_one",
            "test_the_write_ahead_log_is_empty_after_each_write",
            "test_the_tables_are_the_same_whoever_came_first",
            "test_the_bytes_of_a_quiet_site_are_those_of_a_file_written_at_once",
            "test_the_numbers_of_names_do_not_tell_which_name_came_first",
            "test_the_numbers_of_slots_do_not_tell_what_was_counted_together",
            "test_the_files_can_be_read_by_their_owner_alone",
        ),
    ),
    Promise(
        (
            "Text that came from a visitor is masked first, and written only after several"
            " sightings."
        ),
        (
            "Un texte venu d’un visiteur est d’abord masqué, et n’est écrit qu’après avoir été vu"
            " plusieurs fois."
        ),
        (
            "test_what_a_visitor_sends_is_on_no_disk_in_no_log_and_in_no_answer",
            "test_of_a_report_the_host_the_page_and_the_kind_are_kept_and_nothing_else",
            "test_no_error_repeats_what_a_visitor_sent",
            "test_what_has_been_seen_often_is_found_by_this_test",
            "test_what_may_identify_someone_is_masked_however_often_it_comes",
            "test_the_number_of_an_account_is_counted_as_its_template",
            "test_it_is_so_too_when_the_first_page_was_one_of_a_mounted_application",
            "test_it_is_so_too_with_a_parameter_that_the_site_keeps",
            "test_a_page_that_a_visitor_only_claims_to_come_from_gets_no_name",
        ),
    ),
    Promise(
        "Counts that cross two things are kept by the month only, and not kept when small.",
        (
            "Les comptes qui croisent deux choses ne sont conservés que par mois, et ne le sont pas"
            " quand ils sont petits."
        ),
        (
            "test_counts_that_cross_two_things_are_kept_by_the_month_only",
            "test_a_small_crossed_count_is_answered_as_if_it_were_not_there",
            "test_what_is_small_when_its_month_closes_is_deleted_from_the_file_and_its_copies",
        ),
    ),
    Promise(
        "A visitor who objects is not counted at all, not even as left out.",
        (
            "Un visiteur qui s’oppose n’est pas compté du tout, pas même parmi ce qui est laissé de"
            " côté."
        ),
        ("test_whoever_objects_changes_no_number_anywhere",),
    ),
    Promise(
        "What is kept is deleted on time, by the program.",
        "Ce qui est conservé est effacé à temps, par le programme.",
        (
            "test_after_its_time_nothing_of_an_expired_name_is_left_in_the_bytes_of_the_file",
            "test_hours_are_gone_after_35_days_and_days_after_25_months",
            "test_a_note_says_nothing_of_who_wrote_it_and_goes_with_its_day",
            "test_the_file_is_an_ordinary_database_that_anyone_can_open_and_check",
            "test_the_store_for_several_hosts_has_these_tables_and_nothing_else",
            "test_what_a_visitor_sends_is_in_no_table_no_file_and_no_log_of_postgresql",
            "test_what_expires_leaves_every_table_and_file_of_postgresql_but_its_log",
            "test_a_dump_of_postgresql_does_not_tell_what_belongs_to_one_visit",
        ),
    ),
)
