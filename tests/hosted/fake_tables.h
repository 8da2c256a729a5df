// SPDX-License-Identifier: Apache-2.0
/*
 * The real nested page tables beside the fake's address space: what both define gets another name
 * there. Children have real tables, the root's space is the fake's.
 */
#ifndef TESTS_HOSTED_FAKE_TABLES_H
#define TESTS_HOSTED_FAKE_TABLES_H

#define gpa_in_space      table_gpa_in_space
#define gpa_accessible    table_gpa_accessible
#define copy_from_gpa     table_copy_from_gpa
#define copy_to_gpa       table_copy_to_gpa
#define gpa_read_word     table_gpa_read_word
#define gpa_exchange_word table_gpa_exchange_word
#define gpa_view          table_gpa_view
#define gpa_owned_pages   table_gpa_owned_pages
#define gpa_device_pages  table_gpa_device_pages
#define gpa_revoke_page   table_gpa_revoke_page
#define gpa_restore_page  table_gpa_restore_page
#define gpa_share_page    table_gpa_share_page
#define gpa_page_revoked  table_gpa_page_revoked

#endif
