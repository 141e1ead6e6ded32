#[derive(Debug, Entity)]
#[entity(table = "countries", tenant = "none")]
struct Country {
    #[entity(key, length(2, 2))]
    code: String,
}

// expands to

const _: () = {
    #[automatically_derived]
    impl ::action_core::entity::EntityType for Country {
        const NAME: &'static str = "Country";
        fn definition() -> ::core::result::Result<
            ::action_core::entity::Entity,
            ::action_core::entity::EntityError,
        > {
            const NAME: &str = ::action_core::__private::entity_name("Country");
            const _: () = ::action_core::__private::text(
                <String as ::action_core::entity::Cell>::KIND,
            );
            ::action_core::entity::Entity::builder(NAME, "countries")
                .without_tenant()
                .column(
                    ::action_core::__private::column(
                            "code",
                            "code",
                            <String as ::action_core::entity::Cell>::KIND,
                            <String as ::action_core::entity::Cell>::NULLABLE,
                        )
                        .length(2, 2)
                        .role(::action_core::entity::ColumnRole::Key),
                )
                .build()
        }
        fn from_record(
            record: ::action_core::entity::Record,
        ) -> ::core::result::Result<Self, ::action_core::entity::CellError> {
            let mut cells = record.into_values().into_iter();
            ::core::result::Result::Ok(Self {
                code: <String as ::action_core::entity::Cell>::from_value(
                    ::action_core::__private::next(&mut cells),
                )?,
            })
        }
        fn to_values(
            &self,
            entity: &::action_core::entity::Entity,
        ) -> ::std::vec::Vec<
            (::action_core::entity::ColumnIndex, ::action_core::Value),
        > {
            ::action_core::__private::data_cells(
                entity,
                [<String as ::action_core::entity::Cell>::to_value(&self.code)],
            )
        }
        fn key(&self) -> ::action_core::Value {
            <String as ::action_core::entity::Cell>::to_value(&self.code)
        }
    }
};
